import { elementCount } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { QuantizedOperand } from '../graph/work.ts';
import { clamp, f32, quantizeReal } from './float32.ts';
import type { Lowered } from './operator.ts';

/** The numbers that the bytes 0 to 255 are, in a tensor of that type. */
export function numbersOf({ dtype }: Tensor): ArrayLike<number> {
  const bytes = Uint8Array.from({ length: 256 }, (_, q) => q);
  return dtype === 'int8' ? new Int8Array(bytes.buffer) : bytes;
}

/** What `f` makes of each of the 256 stored numbers: dequantize, f in float32, quantize. */
export function tableOf(
  input: QuantizedOperand,
  output: QuantizedOperand,
  f: (real: number) => number,
): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, q) => {
    const real = f32((q - input.zeroPoint) * input.scale);
    return clamp(quantizeReal(f(real), output.scale, output.zeroPoint), 0, 255);
  });
}

/** One step, or none where every number stays what it is. */
export function tableWork(input: Tensor, output: Tensor, table: Uint8Array): Lowered[] {
  if (table.every((entry, q) => entry === q)) return [];
  const work = { family: 'table', table, count: elementCount(input.shape) } as const;
  return [{ work, inputs: [input], outputs: [output] }];
}
