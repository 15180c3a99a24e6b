/**
 * As much of a TFLite file as a float twin or an ONNX twin needs: tensors, operators and their
 * options. For files that we trust; src/formats/tflite is the importer.
 */
import { ByteBuffer } from 'flatbuffers';

/** By the number of the schema's TensorType. */
const types = {
  0: ['float32', Float32Array],
  2: ['int32', Int32Array],
  3: ['uint8', Uint8Array],
  9: ['int8', Int8Array],
};

/** By the number of the schema's BuiltinOperator. */
const operatorNames = {
  0: 'ADD',
  1: 'AVERAGE_POOL_2D',
  3: 'CONV_2D',
  4: 'DEPTHWISE_CONV_2D',
  9: 'FULLY_CONNECTED',
  22: 'RESHAPE',
  25: 'SOFTMAX',
  34: 'PAD',
  40: 'MEAN',
  114: 'QUANTIZE',
};

const window = (table, [padding, strideX, strideY]) => ({
  same: table.int8(padding) === 0,
  strides: [table.int32(strideY, 1), table.int32(strideX, 1)],
});

/** What the bench reads of an operator's options; the numbers are slots of the schema's tables. */
const readOptions = {
  CONV_2D: (table) => ({ ...window(table, [0, 1, 2]), activation: table.int8(3) }),
  DEPTHWISE_CONV_2D: (table) => ({ ...window(table, [0, 1, 2]), activation: table.int8(4) }),
  AVERAGE_POOL_2D: (table) => ({
    ...window(table, [0, 1, 2]),
    size: [table.int32(4, 1), table.int32(3, 1)],
  }),
  FULLY_CONNECTED: (table) => ({ activation: table.int8(0) }),
  ADD: (table) => ({ activation: table.int8(0) }),
};

const activations = { 0: 'none', 1: 'relu', 3: 'relu6' };

class Table {
  #buffer;
  #at;

  constructor(buffer, at) {
    this.#buffer = buffer;
    this.#at = at;
  }

  #field(slot) {
    const offset = this.#buffer.__offset(this.#at, 4 + 2 * slot);
    return offset === 0 ? undefined : this.#at + offset;
  }

  int8(slot, otherwise = 0) {
    const at = this.#field(slot);
    return at === undefined ? otherwise : this.#buffer.readInt8(at);
  }

  int32(slot, otherwise = 0) {
    const at = this.#field(slot);
    return at === undefined ? otherwise : this.#buffer.readInt32(at);
  }

  table(slot) {
    const at = this.#field(slot);
    return at === undefined ? undefined : new Table(this.#buffer, this.#buffer.__indirect(at));
  }

  tables(slot) {
    const at = this.#field(slot);
    if (at === undefined) return [];
    const start = this.#buffer.__vector(at);
    return Array.from(
      { length: this.#buffer.__vector_len(at) },
      (_, i) => new Table(this.#buffer, this.#buffer.__indirect(start + 4 * i)),
    );
  }

  /** A copy, whose alignment is its own. */
  vector(slot, type) {
    const at = this.#field(slot);
    if (at === undefined) return new type(0);
    const bytes = this.#buffer.bytes();
    const start = bytes.byteOffset + this.#buffer.__vector(at);
    const length = this.#buffer.__vector_len(at) * type.BYTES_PER_ELEMENT;
    return new type(bytes.buffer.slice(start, start + length));
  }
}

/**
 * Tensors `{ shape, dtype, data, scale, zeroPoint }`, where data is undefined for maps, and
 * operators `{ name, inputs, outputs, options }` over their indices.
 * @throws Error on an operator that is not in the list
 */
export function readTflite(bytes) {
  const buffer = new ByteBuffer(bytes);
  const model = new Table(buffer, buffer.readInt32(0));
  const codes = model.tables(1).map((code) => Math.max(code.int8(0), code.int32(3)));
  const [graph] = model.tables(2);
  const buffers = model.tables(4);
  return {
    tensors: graph.tables(0).map((tensor) => readTensor(tensor, buffers)),
    operators: graph.tables(3).map((operator) => readOperator(operator, codes)),
    input: graph.vector(1, Int32Array)[0],
    output: graph.vector(2, Int32Array)[0],
  };
}

function readTensor(tensor, buffers) {
  const [dtype, type] = types[tensor.int8(1)] ?? [undefined, Uint8Array];
  const quantization = tensor.table(4);
  const content = buffers[tensor.int32(2)].vector(0, Uint8Array);
  return {
    shape: [...tensor.vector(0, Int32Array)],
    dtype,
    data: content.length > 0 ? new type(content.buffer) : undefined,
    scale: quantization?.vector(2, Float32Array) ?? new Float32Array(0),
    zeroPoint: Array.from(quantization?.vector(3, BigInt64Array) ?? [], Number),
  };
}

function readOperator(operator, codes) {
  const code = codes[operator.int32(0)];
  const name = operatorNames[code];
  if (name === undefined) throw new Error(`operator ${code} of the TFLite schema has no twin`);
  const options = readOptions[name]?.(operator.table(4)) ?? {};
  if (options.activation !== undefined) options.activation = activations[options.activation];
  return {
    name,
    inputs: [...operator.vector(1, Int32Array)],
    outputs: [...operator.vector(2, Int32Array)],
    options,
  };
}
