import { type Fault, ModelError } from '../../errors.ts';
import type { Graph } from '../../graph/graph.ts';
import { elementCount, formatShape, sameShape } from '../../graph/shape.ts';
import { allocate, type Tensor } from '../../graph/tensor.ts';
import { GraphBuilder, type OutputSpec } from '../../ops/builder.ts';
import type { Gap, ImportOptions, InputOption } from '../importOptions.ts';
import { foldIntegers, isOnlyFolded } from './fold.ts';
import { GraphTensors } from './graphTensors.ts';
import { readMetadata } from './metadata.ts';
import { type FileModel, type FileOperator, type FileTensor, readModel } from './model.ts';
import { Importing } from './operator.ts';
import { operators } from './operators.ts';
import { sniffTflite } from './sniff.ts';
import { checkShape, dtypeOf, mapQuantizationOf } from './tensors.ts';

/**
 * Reads a TFLite file, schema version 3, into a graph; weights stay views of `bytes`.
 * @throws ModelError where the file is broken or needs what the engine does not do
 */
export function readTflite(bytes: Uint8Array, options: ImportOptions = {}): Graph {
  const model = readFile(bytes);
  if (options.gaps === undefined) refuseUnsupported(model.operators);
  const builder = new GraphBuilder(model.name, 'tflite', 'xnnpack');
  const inputs = readInputs(model, options);
  const keepsShapes = inputs.every(({ spec, file }) => sameShape(spec.shape, file.shape));
  const tensors = new GraphTensors(model, builder, keepsShapes);
  for (const { index, spec, option } of inputs) {
    tensors.set(index, addInput(builder, spec, option), 'the list of inputs');
  }
  const ends: Tensor[] = [];
  model.operators.forEach((operator, index) => {
    const importing = new Importing(tensors, operator, index);
    if (options.gaps === undefined) importOperator(importing);
    else if (!importOrSkip(importing, options.gaps)) ends.push(...tensors.known(operator.inputs));
  });
  if (options.gaps !== undefined)
    return builder.build(builder.computed([...ends, ...tensors.known(model.outputs)]));
  const outputs = model.outputs.map((index) => tensors.get(index, 'the list of outputs'));
  if (outputs.length === 0) {
    throw new ModelError({
      where: 'the TFLite file',
      got: 'no outputs',
      expected: 'one or more',
      advice: 'export the model again with its outputs named',
    });
  }
  const first = inputs.map(({ spec }) => spec)[0];
  return builder.build(outputs, readMetadata(model, first));
}

/** The ids that the tensors of the file have in the graph, by their index in the file. */
export function tfliteTensorIds(bytes: Uint8Array): string[] {
  return readFile(bytes).tensors.map(({ id }) => id);
}

function readFile(bytes: Uint8Array): FileModel {
  // A plain array: slice() of a subclass such as Node's Buffer does not copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (sniffTflite(plain)) return readModel(plain);
  throw new ModelError({
    where: 'the file',
    got: `${bytes.length} bytes without the mark TFL3 at byte 4`,
    expected: 'a TFLite file',
    advice: 'check that the download is complete and is the model itself',
  });
}

function refuseUnsupported(list: readonly FileOperator[]): void {
  const missing = new Map<string, number[]>();
  list.forEach(({ kind }, index) => {
    if (operators.has(kind) || isOnlyFolded(kind)) return;
    const places = missing.get(kind);
    if (places === undefined) missing.set(kind, [index]);
    else places.push(index);
  });
  if (missing.size === 0) return;
  throw new ModelError(
    [...missing].map(([kind, places]) => ({
      where: `node ${places.slice(0, 8).join(', ')}${places.length > 8 ? ', …' : ''}`,
      got: `operator ${kind}${places.length > 1 ? `, ${places.length} times` : ''}`,
      expected: 'an operator in docs/operators.md',
      advice: 'build the model without it, or open an issue',
    })),
  );
}

function importOperator(operator: Importing): void {
  const { kind, outputs } = operator.operator;
  const folded = outputs.length === 1 ? foldIntegers(operator) : undefined;
  const run = operators.get(kind);
  const made =
    folded !== undefined
      ? [folded]
      : (run?.(operator) ??
        operator.refuse(
          `${kind} of computed data`,
          `${kind} of constant shapes`,
          'export the model with fixed shapes, or fix them with the option `inputs`',
        ));
  if (made.length !== outputs.length) {
    operator.refuse(`${outputs.length} outputs`, `${made.length}`);
  }
  made.forEach((tensor, i) => {
    operator.tensors.set(outputs[i]!, tensor, operator.name);
  });
}

/**
 * For counting: an operator that cannot be imported leaves its results as inputs.
 * @returns whether it could
 */
function importOrSkip(importing: Importing, gaps: Gap[]): boolean {
  const { tensors, operator, name } = importing;
  const { builder } = tensors;
  const before = builder.size;
  try {
    if (operators.has(operator.kind) || isOnlyFolded(operator.kind)) importOperator(importing);
    else importing.refuse(`operator ${operator.kind}`, 'an operator in docs/operators.md');
    return true;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    builder.truncate(before);
    const [{ got, expected }] = error.faults as [Fault];
    gaps.push({ name, op: operator.kind, why: `got ${got}, expected ${expected}` });
    for (const index of operator.outputs) skipTo(tensors, index, name);
    return false;
  }
}

/** Makes a tensor an input of the graph, where the file says enough of it. */
function skipTo(tensors: GraphTensors, index: number, writer: string): void {
  try {
    const { id, dtype, quantization } = tensors.spec(index);
    const { shape } = tensors.file(index);
    checkShape(shape, writer);
    tensors.set(index, tensors.builder.input(id, dtype, shape, quantization), writer);
  } catch (error) {
    // What reads it has nothing to read, and becomes a gap of its own.
    if (!(error instanceof ModelError)) throw error;
  }
}

type InputSpec = OutputSpec & { readonly shape: readonly number[] };

interface Input {
  readonly index: number;
  readonly file: FileTensor;
  readonly spec: InputSpec;
  readonly option: InputOption | undefined;
}

function readInputs(model: FileModel, options: ImportOptions): Input[] {
  const wishes = options.inputs ?? {};
  const inputs = model.inputs.map((index): Input => {
    const file = model.tensors[index]!;
    const option = Object.hasOwn(wishes, file.name) ? wishes[file.name] : undefined;
    const shape = inputShape(file, option);
    const quantization = mapQuantizationOf(file);
    return {
      index,
      file,
      option,
      spec: { id: file.id, dtype: dtypeOf(file), quantization, shape },
    };
  });
  const names = inputs.map(({ file }) => file.name);
  const unknown = Object.keys(wishes).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new ModelError({
      where: 'the option `inputs`',
      got: `the name ${unknown}`,
      expected: `one of ${names.join(', ')}`,
      advice: 'name an input of the model',
    });
  }
  return inputs;
}

/** An open batch is 1; any other open dimension has to be fixed by the caller. */
function inputShape(file: FileTensor, option: InputOption | undefined): readonly number[] {
  const { shape, signature } = file;
  const where = `input ${file.id}`;
  const declared = signature.length === shape.length ? signature : shape;
  const open = declared.map((size) => (size === -1 ? '?' : size));
  const wish = option?.shape;
  if (wish !== undefined) {
    const fits =
      wish.length === shape.length &&
      wish.every((size, axis) => declared[axis] === -1 || declared[axis] === size);
    if (!fits) {
      throw new ModelError({
        where,
        got: `shape ${formatShape(wish)} in the option \`inputs\``,
        expected: `[${open.join('][')}]`,
        advice: 'change open dimensions only',
      });
    }
  } else if (declared.includes(-1, 1)) {
    throw new ModelError({
      where,
      got: `the open shape [${open.join('][')}]`,
      expected: 'fixed dimensions, but for the batch',
      advice: `fix them: load(file, { inputs: { '${file.name}': { shape: [...] } } })`,
    });
  }
  const result = wish ?? shape.map((size, axis) => (declared[axis] === -1 ? 1 : size));
  checkShape(result, where);
  return result;
}

function addInput(builder: GraphBuilder, spec: InputSpec, option: InputOption | undefined): Tensor {
  const { id, dtype, shape, quantization } = spec;
  const value = option?.value;
  if (value === undefined) return builder.input(id, dtype, shape, quantization);
  // The tag tells the type of subclasses too, such as Node's Buffer.
  const expected = allocate(dtype, 0)[Symbol.toStringTag];
  const got = value[Symbol.toStringTag];
  if (got === expected && value.length === elementCount(shape)) {
    return builder.constant(id, dtype, shape, value, { quantization });
  }
  throw new ModelError({
    where: `input ${id}`,
    got: `${got} of ${value.length} elements in the option \`inputs\``,
    expected: `${expected} of ${elementCount(shape)}`,
    advice: "give its elements in the file's dtype and layout",
  });
}
