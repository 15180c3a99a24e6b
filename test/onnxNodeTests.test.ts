import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { ModelError } from '../src/errors.ts';
import { decodeModel } from '../src/formats/onnx/decode.ts';
import { TensorProtoSchema } from '../src/formats/onnx/onnx_pb.generated.ts';
import { decodeTensor } from '../src/formats/onnx/tensorData.ts';
import type { ConstantValue } from '../src/formats/onnx/value.ts';
import type { TypedArray } from '../src/graph/tensor.ts';
import { loadBytes } from '../src/run/load.ts';
import { Model } from '../src/run/model.ts';
import { hasShared, unzipShared } from './shared.ts';

const path = 'data/onnx-node-tests.zip';

/** Cases that are not for this engine, and why. */
const refused: Readonly<Record<string, string>> = {
  test_add_int8: 'a sum of plain integers, which wraps around',
  test_add_uint8: 'a sum of plain integers, which wraps around',
  test_mul_int8: 'a product of plain integers, which wraps around',
  test_mul_uint8: 'a product of plain integers, which wraps around',
  test_sub_int8: 'a difference of plain integers, which wraps around',
  test_quantizelinear_blocked_symmetric: '16-bit activations',
  test_reshape_allowzero_reordered: 'a tensor without elements',
};

/** Operators whose data are all of their inputs; of the others only the first is. */
const severalData = ['Add', 'Sub', 'Mul', 'Div', 'Concat'];

function tensorOf(bytes: Uint8Array): ConstantValue {
  return decodeTensor(fromBinary(TensorProtoSchema, bytes), 'tensor');
}

interface Case {
  readonly model: Uint8Array;
  readonly inputs: readonly ConstantValue[];
  readonly outputs: readonly ConstantValue[];
}

function readCases(): Map<string, Case> {
  const files = unzipShared(path);
  const cases = new Map<string, Case>();
  for (const name of Object.keys(files)) {
    const [, folder] = /^(.*)\/model\.onnx$/.exec(name) ?? [];
    if (folder === undefined) continue;
    const tensors = (kind: string): ConstantValue[] => {
      const list: ConstantValue[] = [];
      for (let i = 0; ; i++) {
        const bytes = files[`${folder}/test_data_set_0/${kind}_${i}.pb`];
        if (bytes === undefined) return list;
        list.push(tensorOf(bytes));
      }
    };
    cases.set(folder, {
      model: files[name]!,
      inputs: tensors('input'),
      outputs: tensors('output'),
    });
  }
  return cases;
}

/** Binds every input but the data as constants, runs the model, and returns its outputs. */
async function run({ model, inputs }: Case, dataCount: number): Promise<TypedArray[]> {
  const file = decodeModel(model);
  const declared = file.inputs.filter(({ name }) => !file.initializers.has(name));
  const options = Object.fromEntries(
    declared.map(({ name }, i) => {
      const { shape, data } = inputs[i]!;
      return [name, i < dataCount ? { shape } : { shape, value: data }];
    }),
  );
  const loaded = await loadBytes(model, { inputs: options }, Model);
  const results = loaded.run(...inputs.slice(0, dataCount).map(({ data }) => data));
  return Array.isArray(results) ? results : [results];
}

/** The tolerance of ONNX's own runner; integers are exact. */
function expectClose(actual: TypedArray, expected: ConstantValue): void {
  expect(actual.length).toBe(expected.length);
  if (expected.dtype !== 'float32') {
    expect(Array.from(actual as Int32Array, Number)).toEqual(expected.numbers());
    return;
  }
  const wrong = expected.numbers().findIndex((want, i) => {
    const got = Number(actual[i]);
    return !(Object.is(got, want) || Math.abs(got - want) <= 1e-7 + 1e-3 * Math.abs(want));
  });
  expect(wrong < 0 ? 'equal' : `${wrong}: ${actual[wrong]}, not ${expected.data[wrong]}`).toBe(
    'equal',
  );
}

describe.skipIf(!hasShared)('ONNX node tests', () => {
  const cases = hasShared ? readCases() : new Map<string, Case>();

  test.each([...cases.keys()])('%s', async (name) => {
    const node = cases.get(name)!;
    const [operator] = decodeModel(node.model).nodes;
    const several = severalData.includes(operator!.op);
    if (refused[name] !== undefined) {
      await expect(run(node, node.inputs.length)).rejects.toThrow(ModelError);
      return;
    }
    const counts = several ? [1, node.inputs.length] : [1];
    for (const count of counts) {
      const outputs = await run(node, Math.min(count, node.inputs.length));
      expect(outputs.length).toBe(node.outputs.length);
      for (const [i, output] of outputs.entries()) expectClose(output, node.outputs[i]!);
    }
  });

  test('every case that is refused is there', () => {
    expect([...cases.keys()]).toEqual(expect.arrayContaining(Object.keys(refused)));
  });
});
