import { type Fault, ModelError } from '../../errors.ts';
import { elementCount, formatShape } from '../../graph/shape.ts';
import { allocate, type Quantization, type TypedArray } from '../../graph/tensor.ts';
import type { ImportOptions, InputOption } from '../importOptions.ts';
import { limits } from '../limits.ts';
import type { OnnxModel, OnnxNode, OnnxTensorInfo } from './decode.ts';
import { elementOf } from './elements.ts';
import { fail } from './fault.ts';
import { parametersOf, quantizationOf } from './quantization.ts';
import type { Scope } from './scope.ts';
import { ConstantValue, isKnown } from './value.ts';

/** Puts the inputs of the model into the graph; those with a value become constants. */
export function addInputs(model: OnnxModel, scope: Scope, options: ImportOptions): void {
  const settled = new Map(Object.entries(options.inputs ?? {}));
  checkNames(model, settled);
  const seen = new Set<string>();
  const faults: Fault[] = [];
  const open: { info: OnnxTensorInfo; shape: number[] }[] = [];
  for (const info of model.inputs) {
    if (seen.has(info.name)) {
      fail(`input ${JSON.stringify(info.name)}`, 'two inputs of this name', 'one');
    }
    seen.add(info.name);
    const option = settled.get(info.name);
    // Old files list their initializers among the inputs.
    if (model.initializers.has(info.name) && option?.value === undefined) continue;
    try {
      const shape = shapeOf(info, option);
      if (option?.value !== undefined) {
        scope.values.set(info.name, constantOf(info, shape, option.value));
      } else open.push({ info, shape });
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      faults.push(...error.faults);
    }
  }
  if (faults.length > 0) throw new ModelError(faults);
  if (open.length > limits.operands) {
    fail('the model', `${open.length} inputs`, `at most ${limits.operands}`, 'join some of them');
  }
  // Last, since the scale of an input may be the value given for another one.
  const uses = usesOf(model);
  for (const { info, shape } of open) addInput(uses, scope, info, shape);
}

function checkNames(model: OnnxModel, settled: ReadonlyMap<string, InputOption>): void {
  const names = model.inputs.map(({ name }) => name);
  const strange = [...settled.keys()].filter((name) => !names.includes(name));
  if (strange.length === 0) return;
  fail(
    'the options',
    `input ${strange.join(', ')}`,
    `inputs of the model: ${names.slice(0, 20).join(', ')}`,
    'correct the name',
  );
}

/** The fixed shape of an input: an open batch is 1, other open dimensions have to be given. */
function shapeOf({ name, type, shape }: OnnxTensorInfo, option: InputOption | undefined): number[] {
  const where = `input ${JSON.stringify(name)}`;
  const advice = `fix its shape: load(file, { inputs: { ${JSON.stringify(name)}: { shape } } })`;
  const stated = option?.shape;
  if (stated !== undefined) {
    const fits =
      stated.every((size) => Number.isInteger(size) && size >= 0) &&
      (shape === undefined ||
        (shape.length === stated.length &&
          shape.every((size, axis) => size === -1 || size === stated[axis])));
    if (!fits) {
      const expected =
        shape === undefined ? 'whole numbers' : `${showOpen(shape)}, as the file says`;
      fail(where, `the option shape ${formatShape(stated)}`, expected, 'correct the option');
    }
    return checkSize(where, [...stated], option?.value !== undefined);
  }
  if (shape === undefined) return fail(where, 'no shape', 'a shape', advice);
  const count = option?.value?.length;
  const opens = shape.filter((size) => size === -1).length;
  if (count !== undefined && opens === 1) {
    const rest = elementCount(shape.filter((size) => size !== -1));
    return shape.map((size) => (size === -1 ? Math.floor(count / rest) : size));
  }
  const fixed = shape.map((size, axis) => (size === -1 && axis === 0 ? 1 : size));
  if (fixed.includes(-1)) {
    fail(where, `shape ${showOpen(shape)} of ${type}`, 'no open dimension but the batch', advice);
  }
  return checkSize(where, fixed, option?.value !== undefined);
}

function showOpen(shape: readonly number[]): string {
  return shape.map((size) => (size === -1 ? '[?]' : `[${size}]`)).join('');
}

function checkSize(where: string, shape: number[], mayBeEmpty: boolean): number[] {
  const count = elementCount(shape);
  const fits = count <= limits.elements && (count >= 1 || mayBeEmpty);
  if (fits && shape.length <= limits.rank) return shape;
  return fail(
    where,
    `shape ${formatShape(shape)}`,
    `1 to ${limits.elements} elements in at most ${limits.rank} axes`,
    'choose a smaller shape',
  );
}

function constantOf(info: OnnxTensorInfo, shape: number[], value: TypedArray): ConstantValue {
  const { dtype } = elementOf(info.type);
  const expected = allocate(dtype, 0).constructor.name;
  const where = `input ${JSON.stringify(info.name)}`;
  if (value.constructor.name !== expected || value.length !== elementCount(shape)) {
    fail(
      where,
      `a value of ${value.length} elements in ${value.constructor.name}`,
      `${elementCount(shape)} elements in ${expected}`,
      'correct the option',
    );
  }
  return new ConstantValue(info.name, info.type, shape, value.slice() as TypedArray);
}

function addInput(uses: Uses, scope: Scope, info: OnnxTensorInfo, shape: number[]): void {
  const { name, type } = info;
  const { dtype, bits } = elementOf(type);
  if (dtype === 'int32' && bits < 32) {
    fail(
      `input ${JSON.stringify(name)}`,
      `elements of ${type}`,
      'float32, int8, uint8, int32, int64 or bool',
      'put a Cast in front of the model',
    );
  }
  const quantization =
    dtype === 'int8' || dtype === 'uint8' ? wanted(uses, scope, info, shape) : undefined;
  scope.values.set(name, scope.builder.input(name, dtype, shape, quantization));
}

/** Where operators say what their 8-bit operands stand for: operand, scale, zero point, axis or not. */
const parameters: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  DequantizeLinear: [[0, 1, 2]],
  QLinearConv: [[0, 1, 2]],
  QLinearMatMul: [[0, 1, 2]],
  QGemm: [[0, 1, 2]],
  QLinearAdd: [
    [0, 1, 2],
    [3, 4, 5],
  ],
  QLinearMul: [
    [0, 1, 2],
    [3, 4, 5],
  ],
  QLinearAveragePool: [[0, 1, 2]],
  QLinearGlobalAveragePool: [[0, 1, 2]],
  QLinearLeakyRelu: [[0, 1, 2]],
  QLinearSigmoid: [[0, 1, 2]],
  QLinearSoftmax: [[0, 1, 2]],
};

/** Who makes each tensor of the file, and who takes it as an 8-bit operand with a scale first. */
interface Uses {
  readonly producers: ReadonlyMap<string, OnnxNode>;
  readonly readers: ReadonlyMap<string, { node: OnnxNode; scale: number; zeroPoint: number }>;
}

function usesOf({ nodes }: OnnxModel): Uses {
  const producers = new Map<string, OnnxNode>();
  const readers = new Map<string, { node: OnnxNode; scale: number; zeroPoint: number }>();
  for (const node of nodes) {
    for (const name of node.outputs) producers.set(name, node);
    const own = Object.hasOwn(parameters, node.op) ? parameters[node.op]! : [];
    for (const [operand, scale, zeroPoint] of own) {
      const name = node.inputs[operand];
      if (name === undefined || readers.has(name)) continue;
      readers.set(name, { node, scale, zeroPoint });
    }
  }
  return { producers, readers };
}

/** The quantization by which the first reader of an 8-bit input takes it. */
function wanted(
  uses: Uses,
  scope: Scope,
  { name, type }: OnnxTensorInfo,
  shape: readonly number[],
): Quantization | undefined {
  const reader = uses.readers.get(name);
  if (reader === undefined) return undefined;
  const { node } = reader;
  const scale = resolve(uses, scope, node.inputs[reader.scale]);
  const zeroPoint = resolve(uses, scope, node.inputs[reader.zeroPoint]);
  const hasZeroPoint = (node.inputs[reader.zeroPoint] ?? '') !== '';
  if (scale === undefined || scale.shape.length > 1) return undefined;
  if (hasZeroPoint && zeroPoint === undefined) return undefined;
  const axis = node.op === 'DequantizeLinear' ? node.attributes.int('axis', 1) : 1;
  return quantizationOf(node.name, parametersOf(node.name, scale, zeroPoint), type, shape, axis);
}

/** A parameter that is a constant, perhaps behind Identity or Constant nodes. */
function resolve(
  { producers }: Uses,
  scope: Scope,
  first: string | undefined,
): ConstantValue | undefined {
  let name = first ?? '';
  for (let depth = 0; depth < 8; depth++) {
    const value = scope.values.get(name);
    if (isKnown(value)) return value;
    const producer = producers.get(name);
    if (producer?.op === 'Constant') return producer.attributes.tensor('value');
    if (producer?.op !== 'Identity') return undefined;
    name = producer.inputs[0] ?? '';
  }
  return undefined;
}
