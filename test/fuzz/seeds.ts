import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../src/formats/onnx/onnx_pb.generated.ts';
import { readModel } from '../../src/formats/tflite/model.ts';
import type { Seed } from './mutations.ts';

/** Runs of bytes shorter than this are parameters that decide the graph: shapes, axes, pads. */
const weightBytes = 128;
/** Sizes and indices are below this; strings and offsets into the file mostly are not. */
const largestField = 4096;

export function readSeed(path: string): Seed {
  const bytes = new Uint8Array(readFileSync(path));
  const format = path.endsWith('.tflite') ? 'tflite' : 'onnx';
  const spans = format === 'tflite' ? tfliteData(bytes) : onnxData(bytes);
  const isWeight = new Uint8Array(bytes.length);
  for (const { byteOffset, length } of spans) {
    if (length >= weightBytes) isWeight.fill(1, byteOffset, byteOffset + length);
  }
  const structure = Uint32Array.from(bytes.keys()).filter((place) => isWeight[place] === 0);
  const view = new DataView(bytes.buffer);
  const fields = structure.filter((place) => {
    if (place % 4 !== 0 || place + 4 > bytes.length) return false;
    return Math.abs(view.getInt32(place, true)) <= largestField;
  });
  return { name: basename(path), format, bytes, structure, fields };
}

function tfliteData(bytes: Uint8Array): readonly Uint8Array[] {
  return readModel(bytes).tensors.map(({ data }) => data);
}

/** Raw data come out of the decoder as views of the file. */
function onnxData(bytes: Uint8Array): readonly Uint8Array[] {
  const { graph } = fromBinary(ModelProtoSchema, bytes);
  return [
    ...(graph?.initializer ?? []).map(({ rawData }) => rawData),
    ...(graph?.node ?? []).flatMap(({ attribute }) =>
      attribute.flatMap(({ t }) => (t === undefined ? [] : [t.rawData])),
    ),
  ].filter(({ buffer }) => buffer === bytes.buffer);
}
