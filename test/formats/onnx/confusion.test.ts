import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ModelError } from '../../../src/errors.ts';
import { elementOf, elementType } from '../../../src/formats/onnx/elements.ts';
import {
  type TensorProto,
  TensorProtoSchema,
} from '../../../src/formats/onnx/onnx_pb.generated.ts';
import { domains } from '../../../src/formats/onnx/operators.ts';
import { readOnnx } from '../../../src/formats/onnx/read.ts';
import { elementCount } from '../../../src/graph/shape.ts';
import { random } from '../../vocabulary.ts';
import { info, modelBytes, types } from './modelFile.ts';

const names = Object.keys(types).filter((name) => name !== 'string') as (keyof typeof types)[];
const shapes = [
  [],
  [0],
  [1],
  [2],
  [1, 2],
  [2, 2],
  [1, 2, 3],
  [1, 2, 4, 4],
  [2, 2, 3, 3],
  [1, 1, 1, 1, 1],
];
const integers = ['axis', 'group', 'block_size', 'to', 'keepdims', 'channels_last', 'allowzero'];
const lists = ['kernel_shape', 'strides', 'pads', 'dilations', 'perm', 'axes', 'split'];

/** Operators on operands of any type and shape, with attributes that may mean nothing to them. */
test('any operator on any operands ends in a ModelError or in a graph', () => {
  const operators = Object.entries(domains).flatMap(([domain, importers]) =>
    Object.keys(importers).map((op) => ({ domain, op })),
  );
  for (let seed = 1; seed <= 8000; seed++) {
    const next = random(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
    const { domain, op } = operators[seed % operators.length]!;

    const constant = (name: string, type: keyof typeof types, shape: readonly number[]) => {
      const { bits } = elementOf(elementType(types[type])!);
      const rawData = new Uint8Array(Math.ceil((elementCount(shape) * bits) / 8));
      const most = next() < 0.5 ? 256 : 4;
      rawData.forEach((_, i) => {
        // Mostly small numbers, so that axes and sizes make sense.
        rawData[i] = i % Math.max(1, bits / 8) === 0 || most === 256 ? next() * most : 0;
      });
      return create(TensorProtoSchema, {
        name,
        dims: shape.map(BigInt),
        dataType: types[type],
        rawData,
      });
    };

    const constants: TensorProto[] = [];
    const inputs: ReturnType<typeof info>[] = [];
    const usual = { type: pick(names), shape: pick(shapes) };
    const operands = Array.from({ length: 1 + Math.floor(next() * 9) }, (_, i) => {
      if (next() < 0.05) return '';
      const type = next() < 0.6 ? usual.type : pick(names);
      const shape = next() < 0.5 ? usual.shape : pick(shapes);
      if (next() < (i === 0 ? 0.4 : 0.8)) constants.push(constant(`t${i}`, type, shape));
      else inputs.push(info(`t${i}`, shape, type));
      return `t${i}`;
    });
    const attributes = Object.fromEntries([
      ...integers.filter(() => next() < 0.05).map((name) => [name, pick([0, 1, 2, -1, 7, 1e6])]),
      ...lists
        .filter(() => next() < 0.05)
        .map((name) => [name, [pick([0, 1, 2]), pick([-1, 1, 3])]]),
    ]);
    const node = { op, domain, inputs: operands, outputs: ['y'], attributes };
    const bytes = modelBytes({
      opset: pick([10, 11, 13, 18, 21, 25]),
      domains: ['com.microsoft'],
      nodes: [node],
      inputs,
      outputs: [info('y', [1])],
      constants,
    });
    try {
      readOnnx(bytes);
    } catch (error) {
      if (error instanceof ModelError) continue;
      expect.fail(`seed ${seed}, ${JSON.stringify(node)}: ${(error as Error).stack}`);
    }
  }
});
