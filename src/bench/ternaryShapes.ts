import type { ConvU8Work, TernaryU8Work } from '../graph/work.ts';
import { fillRandom } from '../profile/random.ts';
import { mapOf } from './operatorShapes.ts';

/** Map, inputs, outputs, share of zeros, kernel, stride. */
type Layer = readonly [
  size: number,
  inputs: number,
  outputs: number,
  zeros: number,
  kernel?: 1 | 3,
  stride?: 1 | 2,
];

/**
 * Ternary layers: the 1x1 ones of MobileNetV1, sparser ones, windows of 3x3, and few pixels.
 */
const layers: readonly Layer[] = [
  [112, 32, 64, 0.5],
  [56, 64, 128, 0.5],
  [56, 128, 128, 0.5],
  [28, 128, 256, 0.5],
  [28, 256, 256, 0.5],
  [14, 64, 64, 0.5],
  [14, 256, 512, 0.5],
  [14, 512, 512, 0.5],
  [14, 512, 512, 0.67],
  [14, 512, 512, 0.8],
  [14, 512, 512, 0.9],
  [14, 512, 512, 0.95],
  [7, 256, 256, 0.5],
  [7, 512, 1024, 0.5],
  [7, 1024, 1024, 0.5],
  [28, 64, 64, 0.5, 3],
  [28, 64, 64, 0.8, 3],
  [28, 64, 128, 0.5, 3, 2],
  [4, 64, 64, 0.5],
  [4, 256, 256, 0.5],
  [3, 128, 128, 0.5],
  [2, 256, 256, 0.5],
  [1, 64, 64, 0.5],
  [1, 256, 256, 0.5],
  [1, 1024, 1024, 0.5],
];

/** Layers with real scales, which take two passes and a step where their kernel does not pay. */
const realLayers: readonly Layer[] = [
  [14, 256, 256, 0.5],
  [14, 256, 256, 0.8],
  [16, 32, 32, 0.64, 3],
  [4, 64, 256, 0.5, 3],
];

export function ternaryRealShapes(next: () => number): TernaryU8Work[] {
  return realLayers.flatMap(([size, inputs, outputs, zeros, kernel = 1, stride = 1]) => {
    const k = kernel * kernel * inputs;
    const scale = new Float32Array(outputs).fill(1 / (2 * Math.sqrt(k * (1 - zeros))));
    const work: TernaryU8Work = {
      family: 'ternaryU8',
      ...mapOf(size, inputs, outputs, kernel, stride),
      groups: 1,
      weights: weightsOf(outputs * k, zeros, next),
      inputZeroPoint: 3,
      scale,
      bias: fillRandom(new Float32Array(outputs), next),
      result: { zeroPoint: 128, min: 0, max: 255 },
    };
    return [work, { ...work, negativeScale: scale.map((size) => 0.8 * size) }];
  });
}

export function ternaryShapes(next: () => number): ConvU8Work[] {
  return layers.map(([size, inputs, outputs, zeros, kernel = 1, stride = 1]) => {
    const k = kernel * kernel * inputs;
    const one = new Uint8Array(outputs).fill(1);
    return {
      family: 'convU8',
      ...mapOf(size, inputs, outputs, kernel, stride),
      groups: 1,
      weights: weightsOf(outputs * k, zeros, next),
      weightZeroPoint: Int32Array.of(0),
      inputZeroPoint: 0,
      bias: fillRandom(new Int32Array(outputs), next),
      ternary: { plus: one, minus: one },
      result: {
        type: 'u8',
        scale: new Float32Array(outputs).fill(1 / (2 * Math.sqrt(k * (1 - zeros)))),
        zeroPoint: 128,
        min: 0,
        max: 255,
      },
    };
  });
}

/** As many zeros as said, to a weight: the shape is named for them. */
function weightsOf(count: number, zeros: number, next: () => number): Int8Array {
  const weights = new Int8Array(count);
  const nonZeros = Math.round((1 - zeros) * count);
  for (let left = nonZeros, i = 0; i < count; i++) {
    if (next() * (count - i) >= left) continue;
    weights[i] = next() < 0.5 ? 1 : -1;
    left--;
  }
  return weights;
}
