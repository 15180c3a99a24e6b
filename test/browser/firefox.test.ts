import { describe, expect, test } from 'vitest';
import type { TypedArray } from '../../src/graph/tensor.ts';
import { load } from '../../src/index.ts';
import { hasShared, readShared, sharedPath } from '../shared.ts';
import { randomInput } from '../vocabulary.ts';
import { hasFirefox, noFirefox, runInFirefox } from './firefox.ts';
import { bundleForBrowser } from './page.ts';

const binaries = ['baseline', 'relaxed'] as const;
const golden = 'shared/models/tflite/vww_96_int8.tflite';

describe.skipIf(!hasFirefox)(hasFirefox ? 'in Firefox' : noFirefox, () => {
  test('both binaries give the bytes of Node', async () => {
    const cases: { url: string; type: string; input: number[]; expected: number[] }[] = [];
    for (const name of ['mote-l', 'fashion-mnist']) {
      const model = await load(`models/${name}.onnx`, { binary: 'baseline' });
      const input = randomInput(model, 1);
      const expected = Array.from(model.run(input) as Float32Array);
      const type = input.constructor.name;
      cases.push({ url: `models/${name}.onnx`, type, input: [...input], expected });
    }
    if (hasShared) {
      const model = await load(sharedPath(golden.slice('shared/'.length)), { binary: 'baseline' });
      const input = new Int8Array(readShared('golden/tflite/noise96_i8.bin'));
      const expected = Array.from(model.run(input) as Int8Array);
      cases.push({ url: golden, type: 'Int8Array', input: [...input], expected });
    }
    const got = await runInFirefox(
      await bundleForBrowser(),
      async (microjoule, { cases, binaries }) => {
        const results: { binary: string; output: number[] }[] = [];
        for (const { url, type, input } of cases) {
          for (const binary of binaries) {
            const model = await microjoule.load(`/${url}`, { binary });
            const values = new globalThis[type as 'Int8Array'](input);
            const output = model.run(values) as TypedArray;
            results.push({ binary: model.binary, output: Array.from(output as Int8Array) });
          }
        }
        return results;
      },
      { cases: cases.map(({ url, type, input }) => ({ url, type, input })), binaries },
    );
    const expected = cases.flatMap(({ expected }) =>
      binaries.map((binary) => ({ binary, output: expected })),
    );
    expect(got).toEqual(expected);
  });
});
