import { test } from 'vitest';
import type { PoolWork } from '../../../src/graph/work.ts';
import { poolU8 } from '../../../src/kernels/poolU8.ts';
import { referencePoolU8 } from '../../reference/poolU8.ts';
import { around, type Fill, fillIntegers, fills, maps, product } from '../../vocabulary.ts';
import { binaryNames, type RunOptions, runKernel } from '../harness.ts';
import { expectSame } from './expectSame.ts';

interface Options {
  op?: PoolWork['op'];
  rounding?: PoolWork['rounding'];
  signed?: boolean;
  map?: readonly [number, number];
  kernel?: readonly [number, number];
  stride?: number;
  dilation?: number;
  pads?: readonly [number, number, number, number];
  /** Output cells beyond those that fit, as with ceil mode. */
  more?: number;
  channels?: number;
  batch?: number;
  countIncludePad?: boolean;
  bounds?: readonly [number, number];
  zeroPoint?: number;
  fill?: Fill;
}

/** Of op, rounding and sign: each formula once. */
const formulas = [
  { op: 'max', rounding: 'xnnpack', signed: false },
  { op: 'average', rounding: 'xnnpack', signed: false },
  { op: 'average', rounding: 'xnnpack', signed: true },
  { op: 'average', rounding: 'onnxruntime', signed: false },
  { op: 'average', rounding: 'onnxruntime', signed: true },
] as const;

function check(options: Options, run: RunOptions = {}): void {
  const { map = [5, 7], kernel = [2, 2], stride = 1, dilation = 1, channels = 9 } = options;
  const { pads = [0, 0, 0, 0], batch = 1, more = 0, bounds = [0, 255] } = options;
  const { zeroPoint = 121 } = options;
  const size = (axis: 0 | 1) => {
    const free = map[axis] + pads[axis] + pads[axis + 2]! - (kernel[axis] - 1) * dilation - 1;
    return Math.max(1, Math.floor(free / stride) + 1 + more);
  };
  const work: PoolWork = {
    family: 'pool',
    op: options.op ?? 'max',
    type: 'u8',
    batch,
    inputHeight: map[0],
    inputWidth: map[1],
    inputChannels: channels,
    outputHeight: size(0),
    outputWidth: size(1),
    outputChannels: channels,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride,
    strideX: stride,
    dilationY: dilation,
    dilationX: dilation,
    padTop: pads[0],
    padLeft: pads[1],
    padBottom: pads[2],
    padRight: pads[3],
    countIncludePad: options.countIncludePad ?? false,
    rounding: options.rounding ?? 'xnnpack',
    signed: options.signed ?? false,
    input: { scale: Math.fround(0.037), zeroPoint: 119 },
    result: { scale: Math.fround(0.029), zeroPoint, min: bounds[0], max: bounds[1] },
  };
  const input = new Uint8Array(batch * map[0] * map[1] * channels);
  fillIntegers(input, options.fill ?? 'random', 3, 0, 255);
  const kernelOf = poolU8.find((candidate) => candidate.fits(work) !== undefined)!;
  const output = new Uint8Array(batch * size(0) * size(1) * channels);
  const [got] = runKernel(kernelOf, work, [input], [output], run);
  expectSame(got, referencePoolU8(work, input), JSON.stringify(options));
}

test.each(binaryNames)('%s: channels around a vector of 8, misaligned', (binary) => {
  for (const formula of formulas) {
    for (const channels of around(8)) check({ ...formula, channels }, { binary, misalign: 1 });
  }
});

test('windows, strides, dilations and paddings', () => {
  const windows = [
    [1, 1, 1],
    [1, 2, 1],
    [2, 2, 1],
    [3, 1, 1],
    [3, 2, 1],
    [3, 1, 2],
    [5, 2, 2],
    [7, 7, 1],
    [2, 5, 1],
  ] as const;
  const paddings = [
    [0, 0, 0, 0],
    [1, 1, 1, 1],
    [0, 0, 1, 1],
    [2, 1, 0, 2],
    [9, 9, 9, 9],
  ] as const;
  for (const { formula, map, window, pads } of product({
    formula: formulas,
    map: maps,
    window: windows,
    pads: paddings,
  })) {
    const [size, stride, dilation] = window;
    check({ ...formula, map, kernel: [size, size], stride, dilation, pads, channels: 3, batch: 2 });
  }
});

test('uneven windows, windows beyond the edge, padding that counts', () => {
  for (const formula of formulas) {
    for (const { more, countIncludePad, kernel } of product({
      more: [0, 1],
      countIncludePad: formula.rounding === 'onnxruntime' ? [false, true] : [false],
      kernel: [
        [1, 3],
        [3, 1],
        [3, 3],
      ] as const,
    })) {
      check({ ...formula, kernel, stride: 2, pads: [1, 0, 1, 1], more, countIncludePad });
    }
  }
});

test('values at their extremes, and clamps', () => {
  for (const { formula, fill, bounds, zeroPoint } of product({
    formula: formulas,
    fill: fills,
    bounds: [
      [0, 255],
      [121, 255],
      [121, 180],
      [77, 77],
    ] as const,
    zeroPoint: [0, 121, 255],
  })) {
    check({ ...formula, fill, bounds, zeroPoint, kernel: [3, 3] });
  }
});

test('the whole map at once', () => {
  for (const formula of formulas) {
    for (const fill of ['random', 'highest'] as const) {
      check({ ...formula, map: [32, 32], kernel: [32, 32], channels: 11, fill });
    }
  }
});
