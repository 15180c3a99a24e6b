// Rates of the 8-bit convolutions on layers of real networks, each checked against the oracle first.
// npx esbuild bench/convU8.ts --bundle --platform=node --format=esm --outfile=build/convU8.bench.mjs
// node build/convU8.bench.mjs [kernels.wasm] [name part]
import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { ConvU8Work } from '../src/graph/work.ts';

import { convU8 } from '../src/kernels/convU8.ts';
import { depthwiseColumnsU8 } from '../src/kernels/depthwiseColumnsU8.ts';
import { depthwiseU8 } from '../src/kernels/depthwiseU8.ts';
import { instantiate } from '../src/kernels/instantiate.ts';
import { isExactWith } from '../src/kernels/kernel.ts';
import { probeDots } from '../src/kernels/probe.ts';
import { referenceConvU8 } from '../test/reference/convU8.ts';
import { random } from '../test/vocabulary.ts';

const [, , wasm = 'build/kernels.wasm', only = ''] = process.argv;
const memory = new WebAssembly.Memory({ initial: 1024, maximum: 65536 });
const module = new WebAssembly.Module(readFileSync(wasm));
const kernels = instantiate(module, memory);
const rows = [...depthwiseColumnsU8, depthwiseU8, ...convU8].filter((row) =>
  isExactWith(probeDots(module), row),
);

/** name, map, input and output channels, kernel, stride, groups */
const layers: [string, number, number, number, number, number, number][] = [
  ['first 3x3 s2 224x224x3', 224, 3, 32, 3, 2, 1],
  ['1x1 112x112 16 to 96', 112, 16, 96, 1, 1, 1],
  ['1x1 56x56 144 to 24', 56, 144, 24, 1, 1, 1],
  ['1x1 14x14 256 to 256', 14, 256, 256, 1, 1, 1],
  ['1x1 14x14 96 to 576', 14, 96, 576, 1, 1, 1],
  ['1x1 7x7 960 to 320', 7, 960, 320, 1, 1, 1],
  ['1x1 7x7 320 to 1280', 7, 320, 1280, 1, 1, 1],
  ['fc 1280 to 1001', 1, 1280, 1001, 1, 1, 1],
  ['3x3 28x28 64 to 64', 28, 64, 64, 3, 1, 1],
  ['dw 3x3 s1 112x112x32', 112, 32, 32, 3, 1, 32],
  ['dw 3x3 s2 112x112x96', 112, 96, 96, 3, 2, 96],
  ['dw 3x3 s1 56x56x144', 56, 144, 144, 3, 1, 144],
  ['dw 3x3 s1 14x14x512', 14, 512, 512, 3, 1, 512],
  ['dw 3x3 s2 14x14x576', 14, 576, 576, 3, 2, 576],
  ['dw 3x3 s1 7x7x960', 7, 960, 960, 3, 1, 960],
  ['dw 5x5 s1 14x14x512', 14, 512, 512, 5, 1, 512],
  ['dw 5x5 s2 56x56x72', 56, 72, 72, 5, 2, 72],
];

console.log(`node ${process.version}, ${os.cpus()[0]!.model}, ${wasm}`);
for (const [name, size, inputs, outputs, kernelSize, stride, groups] of layers) {
  if (!name.includes(only)) continue;
  const next = random(1);
  const out = Math.ceil(size / stride);
  const pad = Math.floor(Math.max(0, (out - 1) * stride + kernelSize - size) / 2);
  const k = (kernelSize * kernelSize * inputs) / groups;
  const work: ConvU8Work = {
    family: 'convU8',
    batch: 1,
    inputHeight: size,
    inputWidth: size,
    inputChannels: inputs,
    outputHeight: out,
    outputWidth: out,
    outputChannels: outputs,
    kernelHeight: kernelSize,
    kernelWidth: kernelSize,
    strideY: stride,
    strideX: stride,
    dilationY: 1,
    dilationX: 1,
    padTop: pad,
    padLeft: pad,
    groups,
    weights: Int8Array.from({ length: outputs * k }, () => 256 * next() - 128),
    weightZeroPoint: Int32Array.of(0),
    inputZeroPoint: 121,
    bias: Int32Array.from({ length: outputs }, () => 2000 * next() - 1000),
    result: {
      type: 'u8',
      scale: new Float32Array(outputs).fill(1 / (64 * Math.sqrt(k))),
      zeroPoint: 128,
      min: 0,
      max: 255,
    },
  };
  const kernel = rows.find((row) => row.fits(work) !== undefined)!;
  const input = Uint8Array.from({ length: size * size * inputs }, () => 256 * next());
  const count = out * out * outputs;
  let top = 65536;
  const place = (bytes: number): number => {
    const at = top;
    top = Math.ceil((top + bytes + 128) / 64) * 64;
    return at;
  };
  const packed = kernel.pack!(work);
  const at = {
    packed: place(packed.length),
    inputs: [place(input.length)],
    outputs: [place(count)],
    scratch: place(kernel.scratchBytes!(work)),
  };
  const args = place(256);
  if (top > memory.buffer.byteLength) {
    memory.grow(Math.ceil((top - memory.buffer.byteLength) / 65536));
  }
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(packed, at.packed);
  bytes.set(input, at.inputs[0]!);
  const view = new DataView(memory.buffer);
  for (const [field, value] of Object.entries(kernel.bind(work, at))) {
    view.setInt32(args + kernel.argumentOffsets[field]!, value, true);
  }
  const call = kernels[kernel.name]!;
  call(args);
  const expected = referenceConvU8(work, input);
  const got = bytes.subarray(at.outputs[0]!, at.outputs[0]! + count);
  if (Buffer.compare(got, expected as Uint8Array) !== 0) throw new Error(`${name}: wrong result`);

  const macs = count * k;
  const calls = Math.max(1, Math.round(2e7 / macs));
  // The optimizing compiler works in the background: until it is done nothing is worth timing.
  for (const start = performance.now(); performance.now() - start < 300; ) call(args);
  const samples = Array.from({ length: 31 }, () => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) call(args);
    return (performance.now() - start) / calls;
  }).sort((a, b) => a - b);
  const rate = (ms: number) => (macs / ms / 1e6).toFixed(1).padStart(5);
  console.log(
    `${name.padEnd(26)} ${(samples[15]! * 1000).toFixed(0).padStart(6)} us  ` +
      `${rate(samples[15]!)} GMAC/s median, ${rate(samples[0]!)} best, ` +
      `quartiles ${rate(samples[23]!)} to ${rate(samples[7]!)}  ${kernel.name}`,
  );
}
