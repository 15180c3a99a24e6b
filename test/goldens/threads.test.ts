import { describe, expect, test } from 'vitest';
import { allocate, type TypedArray } from '../../src/graph/tensor.ts';
import { load } from '../../src/index.ts';
import { type Binary, supports } from '../../src/kernels/binaries.ts';
import type { TensorInfo } from '../../src/run/model.ts';
import { hasShared, readSharedJson, sharedPath } from '../shared.ts';
import { random } from '../vocabulary.ts';

const binaries = (['baseline', 'relaxed'] as const).filter(supports);

/** Every model with recorded outputs, as a path in the shared folder. */
function modelPaths(): string[] {
  if (!hasShared) return [];
  const paths = (['tflite', 'onnx'] as const).flatMap((format) => {
    const { cases } = readSharedJson(`golden/${format}/index.json`) as {
      readonly cases: readonly { readonly model: string }[];
    };
    return cases.map(({ model }) => `models/${format}/${model.replace(/^.*\//, '')}`);
  });
  return [...new Set(paths)];
}

function noise({ dtype, shape }: TensorInfo): TypedArray {
  const array = allocate(
    dtype,
    shape.reduce((a, b) => a * b, 1),
  );
  const next = random(array.length);
  for (let i = 0; i < array.length; i++) {
    const value = dtype === 'float32' ? 4 * next() - 2 : Math.floor(256 * next());
    array[i] = array instanceof BigInt64Array ? BigInt(value) : value;
  }
  return array;
}

describe.skipIf(!hasShared)('two and three threads give the bits of one', () => {
  const rows = modelPaths().flatMap((path) => binaries.map((binary) => [path, binary] as const));
  test.each(rows)('%s, %s', async (path, binary: Binary) => {
    using one = await load(sharedPath(path), { binary });
    const inputs = one.inputs.map(noise);
    const expected = [one.run(...inputs)].flat();
    for (const threads of [2, 3]) {
      using model = await load(sharedPath(path), { binary, threads });
      expect(model.threads === threads).toBe(model.threadsWhy === undefined);
      const got = [model.run(...inputs)].flat();
      got.forEach((output, i) => {
        const [a, b] = [output, expected[i]!].map(({ buffer, byteOffset, byteLength }) =>
          Buffer.from(buffer, byteOffset, byteLength),
        );
        expect(Buffer.compare(a!, b!), `${threads} threads, output ${i}`).toBe(0);
      });
    }
  });
});
