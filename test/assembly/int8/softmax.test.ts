import { test } from 'vitest';
import type { SoftmaxU8Work } from '../../../src/graph/work.ts';
import { softmaxU8 } from '../../../src/kernels/softmaxU8.ts';
import { referenceSoftmaxU8 } from '../../reference/softmaxU8.ts';
import { fillIntegers, fills, product } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';
import { expectSame } from './expectSame.ts';

test.each(binaryNames)('%s: softmax_u8', (binary) => {
  for (const { rounding, fill, length, inputScale, scale, zeroPoint, inPlace } of product({
    rounding: ['xnnpack', 'onnxruntime'] as const,
    fill: fills,
    // Four equal numbers at scale 0.1 fall on 2.5.
    length: [1, 4, 10, 301],
    inputScale: [0.001, 0.08, 30],
    scale: [1 / 256, 1 / 255, 0.002, 0.1],
    zeroPoint: [0, 128, 255],
    inPlace: [false, true],
  })) {
    if (length > 100 && (inPlace || zeroPoint === 128)) continue;
    const work: SoftmaxU8Work = {
      family: 'softmaxU8',
      rows: 2,
      length,
      inputScale: Math.fround(inputScale),
      rounding,
      signed: false,
      result: { scale: Math.fround(scale), zeroPoint },
    };
    const input = new Uint8Array(2 * length);
    fillIntegers(input, fill, 9, 0, 255);
    const run = { binary, inPlace, misalign: 1 };
    const [got] = runKernel(softmaxU8[0]!, work, [input], [new Uint8Array(2 * length)], run);
    expectSame(got, referenceSoftmaxU8(work, input), JSON.stringify(work));
  }
});
