import { ModelError } from '../../errors.ts';
import { limits } from '../limits.ts';
import { FlatFile, type Table } from './flatbuffer.ts';
import {
  BufferField,
  builtinOperators,
  MetadataField,
  ModelField,
  OperatorCodeField,
  OperatorField,
  QuantizationField,
  SubGraphField,
  TensorField,
} from './schema.ts';

/** What a file says, its offsets and indices checked and nothing interpreted yet. */
export interface FileModel {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly tensors: readonly FileTensor[];
  readonly operators: readonly FileOperator[];
  /** Indices of tensors. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly metadata: ReadonlyMap<string, Uint8Array>;
}

export interface FileTensor {
  /** Unique in the file: its name there, made distinct where several have the same. */
  readonly id: string;
  readonly name: string;
  readonly type: number;
  readonly shape: readonly number[];
  /** −1 stands for an open dimension; empty where none is. */
  readonly signature: readonly number[];
  /** Empty for what is computed. */
  readonly data: Uint8Array;
  readonly quantization: FileQuantization | undefined;
  readonly isVariable: boolean;
  readonly isSparse: boolean;
}

export interface FileQuantization {
  readonly scale: Float32Array;
  readonly zeroPoint: Float64Array;
  readonly axis: number;
  /** Other than 0: parameters of a scheme of its own. */
  readonly detailsType: number;
}

export interface FileOperator {
  /** The operator's name in the schema. */
  readonly kind: string;
  /** Indices of tensors; −1 for an optional input that is absent. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly optionsType: number;
  readonly options: Table | undefined;
}

const schemaVersion = 3;

/** Reads subgraph 0, the one that runs. @throws ModelError where the file is no sound TFLite file */
export function readModel(bytes: Uint8Array): FileModel {
  const model = new FlatFile(bytes, 'the TFLite file').root();
  const version = model.uint32(ModelField.version);
  if (version !== schemaVersion) {
    throw new ModelError({
      where: 'the TFLite file',
      got: `schema version ${version}`,
      expected: `version ${schemaVersion}`,
      advice: 'convert the model again with a converter of TensorFlow 1.9 or later',
    });
  }
  const subgraph = model.tables(ModelField.subgraphs, 'subgraph', limits.nodes)[0];
  if (subgraph === undefined) {
    throw new ModelError({
      where: 'the TFLite file',
      got: 'no subgraph',
      expected: 'one that holds the network',
      advice: 'export the model again',
    });
  }
  const buffers = model
    .tables(ModelField.buffers, 'buffer', 2 * limits.tensors)
    .map((buffer) => readBuffer(buffer, bytes));
  const tensors = readTensors(subgraph, buffers);
  const kinds = model.tables(ModelField.operatorCodes, 'operator code', limits.nodes).map(kindOf);
  const metadata = model.tables(ModelField.metadata, 'metadata', limits.nodes).map((entry) => {
    const data = at(buffers, entry.uint32(MetadataField.buffer), entry.where, 'buffer');
    return [entry.string(MetadataField.name), data] as const;
  });
  return {
    name: subgraph.string(SubGraphField.name) || 'main',
    bytes,
    tensors,
    operators: subgraph
      .tables(SubGraphField.operators, 'operator', limits.nodes)
      .map((operator) => readOperator(operator, kinds, tensors.length)),
    inputs: indices(subgraph, SubGraphField.inputs, tensors.length, 0),
    outputs: indices(subgraph, SubGraphField.outputs, tensors.length, 0),
    metadata: new Map(metadata),
  };
}

function readBuffer(buffer: Table, file: Uint8Array): Uint8Array {
  // In files beyond 2 GB the data stand behind the flatbuffer; offsets of 0 and 1 mean none.
  const offset = buffer.uint64(BufferField.offset);
  if (offset <= 1) return buffer.bytes(BufferField.data);
  const size = buffer.uint64(BufferField.size);
  if (offset + size <= file.length) return file.subarray(offset, offset + size);
  throw new ModelError({
    where: buffer.where,
    got: `bytes ${offset} to ${offset + size}`,
    expected: `bytes of the file, which has ${file.length}`,
    advice: 'the file is broken or cut off; fetch or export it again',
  });
}

function readTensors(subgraph: Table, buffers: readonly Uint8Array[]): FileTensor[] {
  const used = new Set<string>();
  const repeats = new Map<string, number>();
  return subgraph
    .tables(SubGraphField.tensors, 'tensor', limits.tensors)
    .map((tensor, index): FileTensor => {
      const name = tensor.string(TensorField.name);
      let id = name === '' ? `#${index}` : name;
      for (let again = repeats.get(name) ?? 2; used.has(id); again++) {
        id = `${name}#${again}`;
        repeats.set(name, again + 1);
      }
      used.add(id);
      const quantization = tensor.table(TensorField.quantization, 'quantization');
      return {
        id,
        name,
        type: tensor.int8(TensorField.type),
        shape: tensor.int32s(TensorField.shape),
        signature: tensor.int32s(TensorField.shapeSignature),
        data: at(buffers, tensor.uint32(TensorField.buffer), tensor.where, 'buffer'),
        quantization: quantization && readQuantization(quantization),
        isVariable: tensor.bool(TensorField.isVariable),
        isSparse: tensor.has(TensorField.sparsity),
      };
    });
}

function readQuantization(table: Table): FileQuantization {
  return {
    scale: table.float32s(QuantizationField.scale),
    zeroPoint: table.int64s(QuantizationField.zeroPoint),
    axis: table.int32(QuantizationField.quantizedDimension),
    detailsType: table.int8(QuantizationField.detailsType),
  };
}

function kindOf(code: Table): string {
  // The first field has 8 bits and stands in files of any age; the second came with number 127.
  const builtin = Math.max(
    code.int8(OperatorCodeField.deprecatedBuiltinCode),
    code.int32(OperatorCodeField.builtinCode),
  );
  const kind = builtinOperators[builtin] ?? `number ${builtin}`;
  return kind === 'CUSTOM' ? `CUSTOM "${code.string(OperatorCodeField.customCode)}"` : kind;
}

function readOperator(table: Table, kinds: readonly string[], tensors: number): FileOperator {
  return {
    kind: at(kinds, table.uint32(OperatorField.opcodeIndex), table.where, 'operator code'),
    inputs: indices(table, OperatorField.inputs, tensors, -1),
    outputs: indices(table, OperatorField.outputs, tensors, 0),
    optionsType: table.int8(OperatorField.optionsType),
    options: table.table(OperatorField.options, 'options'),
  };
}

function indices(table: Table, slot: number, count: number, lowest: number): number[] {
  const list = table.int32s(slot);
  if (list.length > limits.operands) {
    throw new ModelError({
      where: table.where,
      got: `${list.length} tensors`,
      expected: `at most ${limits.operands}`,
      advice: 'the file is broken, or made to do harm',
    });
  }
  const wrong = list.find((index) => index < lowest || index >= count);
  if (wrong !== undefined) refuseIndex(table.where, 'tensor', wrong, count);
  return list;
}

function at<T>(list: readonly T[], index: number, where: string, name: string): T {
  return list[index] ?? refuseIndex(where, name, index, list.length);
}

function refuseIndex(where: string, name: string, index: number, count: number): never {
  throw new ModelError({
    where,
    got: `${name} ${index}`,
    expected: `one of the file's ${count}`,
    advice: 'the file is broken; fetch or export it again',
  });
}
