import { describe, expect, test } from 'vitest';
import { allocate, type DType, type TypedArray, viewOf } from '../../src/graph/tensor.ts';
import { type Binary, supports } from '../../src/kernels/binaries.ts';
import { hasShared, readShared, readSharedJson } from '../shared.ts';
import { difference, sha256, type Traced, trace } from './traced.ts';

type Source =
  | {
      readonly pixels: string;
      readonly sub?: readonly number[];
      readonly div?: readonly number[];
      readonly order?: 'RGB' | 'BGR';
    }
  | {
      readonly generator: 'u8' | 'f32';
      readonly seed: number;
      readonly layout?: 'NHWC';
      readonly lo?: number;
      readonly hi?: number;
      readonly sub?: readonly number[];
      readonly div?: readonly number[];
      readonly order?: 'RGB' | 'BGR';
    };
interface Input {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly source: Source;
  readonly sha256: string;
}
interface Output {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly file: string;
  readonly step?: number;
  readonly tolerance: { readonly steps?: number; readonly relative?: number };
}
interface Layer {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly sha256?: string;
}
interface Case {
  readonly id: string;
  readonly model: string;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  readonly layers: readonly Layer[];
}

const binaries = (['baseline', 'relaxed'] as const).filter(supports);

describe.skipIf(!hasShared)('ONNX goldens', () => {
  const { cases } = (hasShared ? readSharedJson('golden/onnx/index.json') : { cases: [] }) as {
    readonly cases: readonly Case[];
  };
  const loaded = new Map<string, Promise<Traced>>();
  const load = (model: string, binary: Binary): Promise<Traced> => {
    const key = `${model} ${binary}`;
    const bytes = (): Uint8Array => readShared(`models/onnx/${model}`);
    if (!loaded.has(key)) loaded.set(key, trace(bytes(), model, binary));
    return loaded.get(key)!;
  };
  const rows = cases.flatMap((c) => binaries.map((b) => [`${c.id}, ${b}`, c, b] as const));

  test.each(rows)('%s', async (_, c, binary) => {
    const { model, layer } = await load(c.model, binary);
    const inputs = c.inputs.map((input) => {
      const data = makeInput(input);
      expect(sha256(data), `the input ${input.name} as fed to the reference`).toBe(input.sha256);
      return data;
    });
    const result = model.run(...inputs);
    const outputs = Array.isArray(result) ? result : [result];
    expect(outputs.length).toBe(c.outputs.length);
    const found = c.outputs.flatMap((expected, i) => compare(outputs[i]!, expected) ?? []);
    if (found.length > 0) {
      const first = firstWrongLayer(c, layer) ?? 'every recorded layer is equal';
      throw new Error(`${c.id}: ${found.join('; ')}; ${first}`);
    }
  });
});

/** The ones whose every recorded layer onnxruntime computes in the integers that we do. */
const exactLayers = [
  'mobilenet_v1_1_0_224_qlinear',
  'mobilenet_v1_0_25_128_qlinear',
  'mobilenetv2-12-int8',
  'mobilenet_v2_1_0_224_qdq',
];

describe.skipIf(!hasShared)('ONNX goldens layer by layer', () => {
  const { cases } = (hasShared ? readSharedJson('golden/onnx/index.json') : { cases: [] }) as {
    readonly cases: readonly Case[];
  };
  const rows = cases
    .filter((c) => exactLayers.some((name) => c.model.startsWith(name)))
    .map((c) => [c.id, c] as const);
  test.each(rows)('%s', async (_, c) => {
    const { model, layer } = await trace(readShared(`models/onnx/${c.model}`), c.model, 'baseline');
    model.run(...c.inputs.map(makeInput));
    expect(firstWrongLayer(c, layer)).toBeUndefined();
    const compared = c.layers.filter(({ name, shape }) => layer(name, shape) !== undefined);
    expect(compared.length).toBeGreaterThan(20);
  });
});

function firstWrongLayer(c: Case, layer: Traced['layer']): string | undefined {
  for (const [i, { name, shape, dtype, sha256: sha }] of c.layers.entries()) {
    if (sha === undefined) continue;
    const data = layer(name, shape);
    if (data === undefined || sha256(data) === sha) continue;
    return `layer ${i} of ${c.layers.length} "${name}" ${dtype} [${shape.join('][')}] differs first`;
  }
  return undefined;
}

function compare(output: TypedArray, { file, dtype, shape, step, tolerance }: Output) {
  const bytes = readShared(`golden/onnx/${file}`);
  const count = shape.reduce((product, size) => product * size, 1);
  const expected = viewOf(dtype, bytes.slice().buffer, 0, count);
  const { steps, relative } = tolerance;
  // Between whole steps nothing lies; the slack is for the float32 form of the step.
  if (steps !== undefined) return difference(output, expected, shape, steps * (step ?? 1) * 1.001);
  const largest = Math.max(...(expected as Float32Array).map(Math.abs));
  return difference(output, expected, shape, relative! * largest);
}

function makeInput({ dtype, shape, source }: Input): TypedArray {
  const count = shape.reduce((product, size) => product * size, 1);
  if ('generator' in source && source.generator === 'f32') {
    const next = xorshift(source.seed);
    const { lo = 0, hi = 1 } = source;
    return Float32Array.from({ length: count }, () => lo + (hi - lo) * ((next() >>> 8) / 16777216));
  }
  const [batch = 1, channels = 1, height = 1, width = 1] = shape;
  let pixels: Uint8Array;
  if ('pixels' in source) {
    pixels = readShared(`golden/onnx/${source.pixels}`);
  } else {
    const next = xorshift(source.seed);
    pixels = Uint8Array.from({ length: count }, () => next() >>> 24);
  }
  const input = allocate(dtype, count);
  const { sub, div, order } = source;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const from = order === 'BGR' ? channels - 1 - c : c;
          const pixel = pixels[((n * height + y) * width + x) * channels + from]!;
          const value = sub && div ? (pixel - sub[c]!) / div[c]! : pixel;
          input[((n * channels + c) * height + y) * width + x] = value;
        }
  return input;
}

/** The generator of the goldens' README: 32 bits a number. */
function xorshift(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
