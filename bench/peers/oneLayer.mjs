/** A network of a single 1x1 convolution, 8x8x8 to 8, int8 per channel: what a call costs. */
import { Builder } from 'flatbuffers';

const int8 = 9;
const int32 = 2;
const convolution = 3;

/** The bytes of the TFLite file. Numbers are slots and enums of the TFLite schema. */
export function oneLayer() {
  const builder = new Builder(2048);
  const channels = 8;
  const map = [1, 8, 8, channels];
  const scales = new Array(channels).fill(0.01);
  const weights = Int8Array.from({ length: 64 }, (_, i) => ((37 * i) % 255) - 127);
  const bias = Int32Array.from({ length: channels }, (_, i) => 10 * i);

  const tensors = tablesOf(builder, [
    tensor(builder, { name: 'input', shape: map, type: int8, buffer: 0, scales: [0.02] }),
    tensor(builder, {
      name: 'weights',
      shape: [channels, 1, 1, channels],
      type: int8,
      buffer: 1,
      scales,
    }),
    tensor(builder, {
      name: 'bias',
      shape: [channels],
      type: int32,
      buffer: 2,
      scales: scales.map((scale) => 0.02 * scale),
    }),
    tensor(builder, { name: 'output', shape: map, type: int8, buffer: 0, scales: [0.05] }),
  ]);
  const valid = { 0: ['Int8', 1], 1: ['Int32', 1], 2: ['Int32', 1] };
  const options = table(builder, 6, valid);
  const operator = table(builder, 5, {
    1: ['Offset', vector(builder, Int32Array.of(0, 1, 2))],
    2: ['Offset', vector(builder, Int32Array.of(3))],
    3: ['Int8', 1],
    4: ['Offset', options],
  });
  const graph = table(builder, 5, {
    0: ['Offset', tensors],
    1: ['Offset', vector(builder, Int32Array.of(0))],
    2: ['Offset', vector(builder, Int32Array.of(3))],
    3: ['Offset', tablesOf(builder, [operator])],
    4: ['Offset', builder.createString('main')],
  });
  const code = table(builder, 4, {
    0: ['Int8', convolution],
    2: ['Int32', 1],
    3: ['Int32', convolution],
  });
  const buffers = [undefined, weights, bias].map((data) => {
    const bytes = data && new Uint8Array(data.buffer);
    return table(
      builder,
      1,
      bytes === undefined ? {} : { 0: ['Offset', vector(builder, bytes, 16)] },
    );
  });
  const model = table(builder, 5, {
    0: ['Int32', 3],
    1: ['Offset', tablesOf(builder, [code])],
    2: ['Offset', tablesOf(builder, [graph])],
    4: ['Offset', tablesOf(builder, buffers)],
  });
  builder.finish(model, 'TFL3');
  return builder.asUint8Array();
}

function tensor(builder, { name, shape, type, buffer, scales }) {
  const quantization = table(builder, 7, {
    2: ['Offset', vector(builder, Float32Array.from(scales))],
    3: ['Offset', vector(builder, new BigInt64Array(scales.length))],
  });
  return table(builder, 6, {
    0: ['Offset', vector(builder, Int32Array.from(shape))],
    1: ['Int8', type],
    2: ['Int32', buffer],
    3: ['Offset', builder.createString(name)],
    4: ['Offset', quantization],
  });
}

/** A table of `{ slot: [kind, value] }`; what its offsets lead to is in the file already. */
function table(builder, slots, fields) {
  builder.startObject(slots);
  for (const [slot, [kind, value]] of Object.entries(fields)) {
    builder[`addField${kind}`](Number(slot), value, 0);
  }
  return builder.endObject();
}

function tablesOf(builder, offsets) {
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) builder.addOffset(offset);
  return builder.endVector();
}

function vector(builder, values, alignment = values.BYTES_PER_ELEMENT) {
  const bytes = new Uint8Array(values.buffer);
  builder.startVector(values.BYTES_PER_ELEMENT, values.length, alignment);
  for (const byte of bytes.toReversed()) builder.addInt8((byte << 24) >> 24);
  return builder.endVector();
}
