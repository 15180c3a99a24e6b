import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { file_onnx } from '../../../src/formats/onnx/onnx_pb.generated.ts';

// protoc is not on every machine: this tells when `npm run generate:onnx` was forgotten.
test('the generated code has the fields of onnx.proto', () => {
  const text = readFileSync('src/formats/onnx/onnx.proto', 'utf8');
  const expected = [...text.matchAll(/^ +(?:repeated )?([\w.]+) (\w+) = (\d+);/gm)].map(
    ([, type, name, number]) => `${type} ${name} ${number}`,
  );
  const { proto } = file_onnx;
  const scalars: Record<number, string> = {
    1: 'double',
    2: 'float',
    3: 'int64',
    4: 'uint64',
    5: 'int32',
    9: 'string',
    12: 'bytes',
  };
  const fields = (messages: typeof proto.messageType): string[] =>
    messages.flatMap(({ field, nestedType }) => [
      ...fields(nestedType),
      ...field.map(({ type, typeName, name, number }) => {
        const last = typeName.slice(typeName.lastIndexOf('.') + 1);
        return `${scalars[type] ?? last} ${name} ${number}`;
      }),
    ]);
  expect(fields(proto.messageType)).toEqual(expected);
});
