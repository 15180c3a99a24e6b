import { UnaryF32Args } from '../../assembly/arguments.ts';
import type { UnaryOp } from '../graph/node.ts';
import type { UnaryF32Work } from '../graph/work.ts';
import { kernel } from './kernel.ts';

function unaryKernel(name: string, why: string, ops: readonly UnaryOp[]) {
  return kernel<UnaryF32Work, typeof UnaryF32Args>(UnaryF32Args, {
    name,
    family: 'unaryF32',
    fits: (work) => (ops.includes(work.op) ? why : undefined),
    pack: ({ op, alpha, beta }) => {
      const parameters = op === 'Relu' ? [0, Number.POSITIVE_INFINITY] : [alpha, beta];
      return new Uint8Array(Float32Array.from(parameters).buffer);
    },
    inPlace: () => true,
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      parameters: at.packed,
      count: work.count,
    }),
  });
}

export const clipF32 = unaryKernel('clip_f32', 'two bounds', ['Relu', 'Clip']);
export const leakyReluF32 = unaryKernel('leaky_relu_f32', 'two slopes', ['LeakyRelu']);
export const hardSigmoidF32 = unaryKernel('hard_sigmoid_f32', 'a bounded line', ['HardSigmoid']);
export const hardSwishF32 = unaryKernel('hard_swish_f32', 'a bounded line times x', ['HardSwish']);
export const sigmoidF32 = unaryKernel('sigmoid_f32', 'through exp', ['Sigmoid']);
export const tanhF32 = unaryKernel('tanh_f32', 'through exp, a polynomial near 0', ['Tanh']);
