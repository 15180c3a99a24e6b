import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { tfliteTensorIds } from '../../src/formats/tflite/read.ts';
import { type DType, type TypedArray, viewOf } from '../../src/graph/tensor.ts';
import { type Binary, supports } from '../../src/kernels/binaries.ts';
import { hasShared, readShared, readSharedJson } from '../shared.ts';
import { difference, sha256, type Traced, trace } from './traced.ts';

interface FileTensor {
  readonly file: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}
interface Case {
  readonly model: string;
  readonly kind: 'quantized' | 'float' | 'dynamic-range';
  readonly inputs: readonly FileTensor[];
  readonly outputs: readonly FileTensor[];
  readonly others: readonly { readonly engine: string; readonly outputs?: readonly FileTensor[] }[];
}
type LayerRow = [
  op: number,
  kind: string,
  tensor: number,
  dtype: DType,
  shape: number[],
  sha: string,
];
interface LayerFile {
  readonly models: readonly { model: string; inputs: readonly string[]; layers: LayerRow[] }[];
}

const binaries = (['baseline', 'relaxed'] as const).filter(supports);

describe.skipIf(!hasShared)('TFLite goldens', () => {
  const { cases } = (hasShared ? readSharedJson('golden/tflite/index.json') : { cases: [] }) as {
    readonly cases: readonly Case[];
  };
  const layerFile = hasShared
    ? (readSharedJson('golden/tflite/layers.json') as LayerFile)
    : undefined;
  const loaded = new Map<string, Promise<Traced>>();
  const load = (model: string, binary: Binary): Promise<Traced> => {
    const key = `${model} ${binary}`;
    const bytes = (): Uint8Array => readShared(`models/tflite/${model}`);
    if (!loaded.has(key)) loaded.set(key, trace(bytes(), model, binary));
    return loaded.get(key)!;
  };

  const rows = cases.flatMap((c) =>
    binaries.map((binary) => [`${c.model} on ${c.inputs[0]!.file}, ${binary}`, c, binary] as const),
  );
  test.each(rows)('%s', async (_, c, binary) => {
    const { model, layer } = await load(c.model, binary);
    const result = model.run(...c.inputs.map(read));
    const outputs = Array.isArray(result) ? result : [result];
    expect(outputs.length).toBe(c.outputs.length);
    const messages = outputs.map((output, i) => compare(c, output, i));
    if (messages.some((message) => message !== undefined)) {
      const found = messages.find((message) => message !== undefined);
      throw new Error(`${c.model}: ${found}; ${firstWrong(c, layer) ?? 'no layers on record'}`);
    }
  });

  test.each(layerFile?.models.map((m) => [m.model, m] as const) ?? [])(
    '%s layer by layer',
    async (name, { inputs, layers }) => {
      const { model, layer } = await load(name, 'baseline');
      const { inputs: files } = cases.find(
        (c) => c.model === name && c.inputs.every(({ file }, i) => file === inputs[i]),
      )!;
      model.run(...files.map(read));
      expect(firstWrongLayer(name, layers, layer)).toBeUndefined();
    },
  );

  function firstWrong(c: Case, layer: Traced['layer']): string | undefined {
    const record = layerFile!.models.find(
      (m) => m.model === c.model && m.inputs[0] === c.inputs[0]!.file,
    );
    return record && firstWrongLayer(c.model, record.layers, layer);
  }
});

function firstWrongLayer(
  model: string,
  layers: readonly LayerRow[],
  layer: Traced['layer'],
): string | undefined {
  const ids = tfliteTensorIds(readShared(`models/tflite/${model}`));
  let compared = 0;
  for (const [op, kind, tensor, , shape, sha] of layers) {
    const data = layer(ids[tensor]!, shape);
    if (data === undefined) continue;
    compared++;
    if (sha256(data) === sha) continue;
    return `layer ${op} of ${layers.length} ${kind} "${ids[tensor]}" [${shape.join('][')}] differs first, all before are equal`;
  }
  return compared > 0 ? undefined : 'no layer could be compared';
}

function compare({ kind, model, outputs, others }: Case, output: TypedArray, i: number) {
  const { shape } = outputs[i]!;
  if (model.startsWith('deeplab')) {
    // Nobody has modelled its resize: 99 % of the pixels must have the reference's class.
    const expected = read(outputs[i]!);
    let equal = 0;
    for (let j = 0; j < expected.length; j++) if (expected[j] === output[j]) equal++;
    return equal >= 0.99 * expected.length ? undefined : `${equal} of ${expected.length} pixels`;
  }
  if (kind === 'quantized') return difference(output, read(outputs[i]!), shape);
  const exact = others.find(({ engine }) => engine.startsWith('float64'))?.outputs ?? outputs;
  const expected = read(exact[i]!);
  const largest = Math.max(...(expected as Float32Array).map(Math.abs));
  return difference(output, expected, shape, 1e-4 * largest);
}

function read({ file, dtype, shape }: FileTensor): TypedArray {
  const raw = readShared(`golden/tflite/${file}`);
  const bytes = file.endsWith('.gz') ? new Uint8Array(gunzipSync(raw)) : raw;
  const count = shape.reduce((product, size) => product * size, 1);
  return viewOf(dtype, bytes.slice().buffer, 0, count);
}
