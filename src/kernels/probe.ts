import type { ConvU8Work } from '../graph/work.ts';
import { convBytesU8 } from './convBytesU8.ts';
import { instantiate } from './instantiate.ts';
import type { Dots } from './kernel.ts';

/** Rows of four bytes each, for every way in which the instruction differs between machines. */
const weights = [127, 127, 127, 127, 1, -1, 2, -2, -128, -128, -128, -128, -128, 127, 127, -128];
const inputs = [127, 127, 127, 127, 200, 255, 128, 129, 255, 255, 255, 255, 0, 255, 255, 1];
const rows = 4;
const bias = 7;

const found = new WeakMap<WebAssembly.Module, Dots>();

/**
 * What the relaxed dot of this machine computes, by running a kernel that is made of it on memory
 * operands: signedness, saturation both ways, and the addend. Never by the processor's name, and
 * anew in every process: a cached module may run on another machine than it was compiled on.
 * @param module kernels.relaxed.wasm
 */
export function probeDots(module: WebAssembly.Module): Dots {
  let dots = found.get(module);
  if (dots === undefined) {
    dots = isExact(module) ? 'unsigned' : 'none';
    found.set(module, dots);
  }
  return dots;
}

function isExact(module: WebAssembly.Module): boolean {
  const kernel = convBytesU8.find(({ name }) => name === 'conv_u8i32_6x8c4')!;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const at = { inputs: [4096], outputs: [5120], packed: 6144, scratch: 0 };
  const block = 2048;
  // Six copies of the rows: both the tile of six and the single rows run.
  const copies = 6;
  const work = probeWork(copies * rows);
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(kernel.pack!(work), at.packed);
  for (let copy = 0; copy < copies; copy++) bytes.set(inputs, at.inputs[0]! + copy * inputs.length);
  // Past the last row the kernel reads 4 bytes more, and multiplies them by 0: let them be extreme.
  bytes.fill(
    255,
    at.inputs[0]! + copies * inputs.length,
    at.inputs[0]! + copies * inputs.length + 8,
  );
  const fields = kernel.bind(work, at);
  const view = new DataView(memory.buffer);
  for (const [field, value] of Object.entries(fields)) {
    view.setInt32(block + kernel.argumentOffsets[field]!, value, true);
  }
  instantiate(module, memory)[kernel.name]!(block);
  for (let row = 0; row < copies * rows; row++) {
    for (let n = 0; n < rows; n++) {
      const got = view.getInt32(at.outputs[0]! + 4 * (row * rows + n), true);
      if (got !== exact(row % rows, n)) return false;
    }
  }
  return true;
}

function exact(row: number, n: number): number {
  let sum = bias;
  for (let i = 0; i < 4; i++) sum += inputs[4 * row + i]! * weights[4 * n + i]!;
  return sum;
}

function probeWork(m: number): ConvU8Work {
  return {
    family: 'convU8',
    batch: 1,
    inputHeight: 1,
    inputWidth: m,
    inputChannels: 4,
    outputHeight: 1,
    outputWidth: m,
    outputChannels: rows,
    kernelHeight: 1,
    kernelWidth: 1,
    strideY: 1,
    strideX: 1,
    dilationY: 1,
    dilationX: 1,
    padTop: 0,
    padLeft: 0,
    groups: 1,
    weights: Int8Array.from(weights),
    weightZeroPoint: new Int32Array(1),
    inputZeroPoint: 0,
    bias: new Int32Array(rows).fill(bias),
    result: { type: 'i32' },
  };
}
