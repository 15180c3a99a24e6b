import { zipSync } from 'fflate';
import { Builder } from 'flatbuffers';
import { describe, expect, test } from 'vitest';
import { readTflite } from '../../../src/formats/tflite/read.ts';
import { bytes, float, single } from './cases.ts';
import { type TensorSpec, writeModel } from './writeModel.ts';

describe('metadata', () => {
  /** Root → subgraph → the input's normalisation, the output's label file. */
  function writeMetadata(mean: number[], std: number[], labels: string): Uint8Array {
    const b = new Builder();
    const list = (values: number[]): number => {
      b.startVector(4, values.length, 4);
      for (const value of values.toReversed()) b.addFloat32(value);
      return b.endVector();
    };
    const vector = (offset: number): number => {
      b.startVector(4, 1, 4);
      b.addOffset(offset);
      return b.endVector();
    };
    const table = (...fields: [slot: number, type: 'int8' | 'offset', value: number][]): number => {
      b.startObject(8);
      for (const [slot, type, value] of fields) {
        if (type === 'int8') b.addFieldInt8(slot, value, 0);
        else b.addFieldOffset(slot, value, 0);
      }
      return b.endObject();
    };
    const [means, stds] = [list(mean), list(std)];
    const options = table([0, 'offset', means], [1, 'offset', stds]);
    const units = vector(table([0, 'int8', 1], [1, 'offset', options]));
    const content = table([0, 'int8', 2], [1, 'offset', table([0, 'int8', 1])]);
    const inputs = vector(table([3, 'offset', content], [4, 'offset', units]));
    const name = b.createString(labels);
    const files = vector(table([0, 'offset', name], [2, 'int8', 2]));
    const outputs = vector(table([6, 'offset', files]));
    const subgraphs = vector(table([2, 'offset', inputs], [3, 'offset', outputs]));
    b.finish(table([3, 'offset', subgraphs]), 'M001');
    return b.asUint8Array().slice();
  }

  const withMetadata = (
    tensor: TensorSpec,
    metadata: Uint8Array,
    zip: Uint8Array = new Uint8Array(0),
  ) => {
    const spec = { ...single('RELU', [tensor, tensor]), metadata: { TFLITE_METADATA: metadata } };
    const model = writeModel(spec);
    // Archives behind a model count their offsets from the start of the file, as Python writes them.
    const file = new Uint8Array(model.length + zip.length);
    file.set(model);
    file.set(zip, model.length);
    if (zip.length > 0) {
      const view = new DataView(file.buffer);
      const end = file.length - 22;
      const directory = view.getUint32(end + 16, true) + model.length;
      view.setUint32(end + 16, directory, true);
      view.setUint32(directory + 42, view.getUint32(directory + 42, true) + model.length, true);
    }
    return readTflite(file).metadata;
  };
  const text = (lines: string) => new TextEncoder().encode(lines);

  test('labels and the normalisation of a float input', () => {
    const zip = zipSync({ 'names.txt': text('cat\r\ndog\n') });
    const metadata = writeMetadata([127.5], [1, 2, 4], 'names.txt');
    expect(withMetadata(float(1, 2, 2, 3), metadata, zip)).toEqual({
      labels: ['cat', 'dog'],
      input: { order: 'rgb', mean: [127.5, 127.5, 127.5], std: [1, 2, 4] },
    });
  });

  test('8-bit inputs take pixels as they are', () => {
    const metadata = writeMetadata([127.5], [127.5], 'names.txt');
    const { input } = withMetadata(bytes([1, 2, 2, 1], 0.25, -3), metadata);
    expect(input).toEqual({ order: 'rgb', mean: [125], std: [4] });
  });

  test('labels that are missing, too long or packed in a broken way are left out', () => {
    const metadata = writeMetadata([0], [1], 'names.txt');
    const input = { order: 'rgb', mean: [0], std: [1] };
    const other = zipSync({ 'other.txt': text('cat') });
    expect(withMetadata(float(1), metadata, other)).toEqual({ input });
    const giant = zipSync({ 'names.txt': new Uint8Array(1 << 21) });
    expect(withMetadata(float(1), metadata, giant)).toEqual({ input });
    const broken = zipSync({ 'names.txt': text('cat\n'.repeat(99)) });
    broken.fill(0xff, 39, 50);
    expect(withMetadata(float(1), metadata, broken)).toEqual({ input });
  });

  test.each([
    ['a std of 0', writeMetadata([0], [0], 'x'), 'expected finite numbers, one or 3 of each'],
    ['two means for three channels', writeMetadata([1, 2], [1], 'x'), 'got mean 1, 2 and std 1'],
    ['a mark that is not theirs', new Uint8Array(64), 'the metadata: got the mark'],
    [
      'an end before its time',
      writeMetadata([0], [1], 'x').subarray(0, 60),
      'expected a sound flatbuffer of 60',
    ],
  ])('%s is refused', (_, metadata, message) => {
    expect(() => withMetadata(float(1, 3), metadata)).toThrow(message);
  });
});
