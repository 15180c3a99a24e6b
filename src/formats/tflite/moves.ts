import type { NodeOf, OpName } from '../../graph/node.ts';
import { elementCount, formatShape } from '../../graph/shape.ts';
import type { Quantization, Tensor } from '../../graph/tensor.ts';
import type { OutputSpec } from '../../ops/builder.ts';
import type { Importing, OperatorImporter } from './operator.ts';
import {
  ConcatenationField,
  MirrorPadField,
  OptionsType,
  ReshapeField,
  SqueezeField,
} from './schema.ts';
import { sameMeaning } from './tensors.ts';

/** An output that holds the input's numbers in other places: they must mean the same there. */
export function moved(operator: Importing, input: Tensor, output: OutputSpec): OutputSpec {
  const { dtype, quantization } = input;
  const spec = { ...output, quantization: output.quantization ?? quantization };
  if (sameMeaning(spec as Tensor, input)) return spec;
  const name = (parameters: Quantization | undefined): string =>
    parameters === undefined
      ? 'unquantized'
      : `scale ${parameters.scale[0]}, zero point ${parameters.zeroPoint[0]}`;
  return operator.refuse(
    `${dtype} (${name(quantization)}) moved into ${spec.dtype} (${name(spec.quantization)})`,
    'the same type and quantization on both sides',
    'quantize the model again with a converter that ties the two',
  );
}

/** Adds a node that moves its input's numbers into the operator's output, or into one before it. */
export function move<Op extends OpName>(
  operator: Importing,
  op: Op,
  input: Tensor,
  attributes: NodeOf<Op>['attributes'],
  part?: string,
): Tensor {
  const output =
    part === undefined ? moved(operator, input, operator.output()) : operator.between(part, input);
  // Every operator that only moves numbers has the one input.
  const inputs = [input] as unknown as NodeOf<Op>['inputs'];
  return operator.node(op, inputs, attributes, [output])[0]!;
}

/** The shape is an input, or in old files an option; −1 in it stands for what is left over. */
export const importReshape: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const option = operator.options(OptionsType.Reshape).int32s(ReshapeField.newShape);
  const wish = operator.inputCount > 1 ? operator.integers(1) : option;
  // Old converters wrote [0] for a scalar.
  const shape = wish.length === 1 && wish[0] === 0 ? [] : [...wish];
  const open = shape.indexOf(-1);
  if (open >= 0) {
    shape[open] = 1;
    shape[open] = elementCount(input.shape) / elementCount(shape);
  }
  return [move(operator, 'Reshape', input, { shape })];
};

export const importSqueeze: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const { shape } = input;
  const axes = operator.options(OptionsType.Squeeze).int32s(SqueezeField.axes);
  const gone = new Set(axes.map((axis) => operator.axis(axis, shape.length)));
  const long = [...gone].find((axis) => shape[axis] !== 1);
  if (long !== undefined) {
    operator.refuse(`axis ${long} of ${formatShape(shape)} squeezed`, 'an axis of size 1');
  }
  const kept = shape.filter((size, axis) => (axes.length === 0 ? size !== 1 : !gone.has(axis)));
  return [move(operator, 'Reshape', input, { shape: kept })];
};

export const importExpandDims: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const axis = operator.axis(operator.integer(1), input.shape.length + 1);
  return [move(operator, 'Reshape', input, { shape: input.shape.toSpliced(axis, 0, 1) })];
};

export const importTranspose: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const permutation = operator.integers(1).map((axis) => operator.axis(axis, input.shape.length));
  return [move(operator, 'Transpose', input, { permutation })];
};

/** Parts of another scale than the whole's are brought to it first. */
export const importConcatenation: OperatorImporter = (operator) => {
  const options = operator.options(OptionsType.Concatenation);
  const activation = options.int8(ConcatenationField.activation);
  return operator.activated(activation, (clamp, output) => {
    const inputs = operator.inputs().map((input, i) => {
      if (input.quantization === undefined || output.quantization === undefined) return input;
      if (sameMeaning(input, output)) return input;
      const part = operator.between(`part${i}`, output);
      return operator.node('Requantize', [input], {}, [part])[0]!;
    });
    const rank = inputs[0]?.shape.length ?? 0;
    const axis = operator.axis(options.int32(ConcatenationField.axis), rank);
    const { min, max } = clamp;
    if (min === Number.NEGATIVE_INFINITY)
      return operator.node('Concat', inputs, { axis }, [output]);
    const whole = operator.between('whole', output);
    const [concatenated] = operator.node('Concat', inputs, { axis }, [whole]);
    if (max === Number.POSITIVE_INFINITY) return operator.unary('Relu', concatenated!);
    return operator.unary('Clip', concatenated!, min, max);
  });
};

/** axis, input; equal parts */
export const importSplit: OperatorImporter = (operator) => {
  const input = operator.input(1);
  const axis = operator.axis(operator.integer(0), input.shape.length);
  const parts = operator.operator.outputs.length;
  const sizes = new Array<number>(parts).fill(input.shape[axis]! / parts);
  return splitInto(operator, input, axis, sizes);
};

/** input, sizes, axis; one size may be −1 for what is left over */
export const importSplitV: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const axis = operator.axis(operator.integer(2), input.shape.length);
  const sizes = operator.integers(1);
  const open = sizes.indexOf(-1);
  if (open >= 0) sizes[open] = sizes.reduce((left, size) => left - size, input.shape[axis]! - 1);
  return splitInto(operator, input, axis, sizes);
};

function splitInto(operator: Importing, input: Tensor, axis: number, sizes: number[]): Tensor[] {
  const outputs = operator.outputs().map((output) => moved(operator, input, output));
  return operator.node('Split', [input], { axis, sizes }, outputs);
}

/** Pads stand as [axis][before, after]. */
function padsOf(operator: Importing, rank: number, i = 1) {
  const list = operator.integers(i);
  if (list.length !== 2 * rank) {
    operator.refuse(`${list.length} pads for ${rank} axes`, `${2 * rank}, two for each axis`);
  }
  return {
    before: list.filter((_, n) => n % 2 === 0),
    after: list.filter((_, n) => n % 2 === 1),
  };
}

/** PAD fills with the real number 0, PADV2 with its third input. */
export const importPad: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const { before, after } = padsOf(operator, input.shape.length);
  const value = operator.inputCount > 2 ? padValue(operator, input) : zeroOf(input);
  return [move(operator, 'Pad', input, { before, after, mode: 'constant', value })];
};

function zeroOf({ quantization }: Tensor): number {
  return quantization?.zeroPoint[0] ?? 0;
}

function padValue(operator: Importing, input: Tensor): number {
  const value = operator.constant(2);
  if (value.data.length === 1 && sameMeaning(value, input)) return Number(value.data[0]);
  return operator.refuse(
    `a padding of ${value.data.length} elements of ${value.dtype}`,
    `one element of type and quantization of the input, ${input.dtype}`,
  );
}

const mirrorSymmetric = 1;

export const importMirrorPad: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const { before, after } = padsOf(operator, input.shape.length);
  const isSymmetric =
    operator.options(OptionsType.MirrorPad).int8(MirrorPadField.mode) === mirrorSymmetric;
  if (isSymmetric && [...before, ...after].some((size) => size > 1)) {
    operator.refuse(
      'a symmetric rim wider than 1',
      'mode REFLECT, or a rim of 1',
      'build the model with reflecting padding',
    );
  }
  // A rim of 1 that repeats the edge is the nearest element.
  const mode = isSymmetric ? 'edge' : 'reflect';
  return [move(operator, 'Pad', input, { before, after, mode, value: 0 })];
};

/** Blocks of block_y x block_x cells, each cell's place in its block a batch of its own. */
export const importSpaceToBatch: OperatorImporter = (operator) => {
  const input = operator.ranked(0, 4);
  const [blockY, blockX] = blockOf(operator);
  const rim = padsOf(operator, 2, 2);
  const before = [0, ...rim.before, 0];
  const after = [0, ...rim.after, 0];
  const attributes = { before, after, mode: 'constant', value: zeroOf(input) } as const;
  const padded = move(operator, 'Pad', input, attributes, 'padded');
  const [batch = 1, height = 1, width = 1, channels = 1] = padded.shape;
  const [rows, columns] = [height / blockY, width / blockX];
  const cut = { shape: [batch, rows, blockY, columns, blockX, channels] };
  const blocks = move(operator, 'Reshape', padded, cut, 'blocks');
  const turned = move(operator, 'Transpose', blocks, { permutation: [2, 4, 0, 1, 3, 5] }, 'turned');
  const shape = [blockY * blockX * batch, rows, columns, channels];
  return [move(operator, 'Reshape', turned, { shape })];
};

/** The way back from SPACE_TO_BATCH_ND, and a rim cut off. */
export const importBatchToSpace: OperatorImporter = (operator) => {
  const input = operator.ranked(0, 4);
  const [blockY, blockX] = blockOf(operator);
  const [batches = 1, rows = 1, columns = 1, channels = 1] = input.shape;
  const batch = batches / (blockY * blockX);
  const cut = { shape: [blockY, blockX, batch, rows, columns, channels] };
  const blocks = move(operator, 'Reshape', input, cut, 'blocks');
  const turned = move(operator, 'Transpose', blocks, { permutation: [2, 3, 0, 4, 1, 5] }, 'turned');
  const shape = [batch, rows * blockY, columns * blockX, channels];
  const whole = move(operator, 'Reshape', turned, { shape }, 'whole');
  const rim = padsOf(operator, 2, 2);
  const starts = [0, ...rim.before, 0];
  const sizes = [0, ...rim.after, 0].map((after, axis) => shape[axis]! - starts[axis]! - after);
  return [move(operator, 'Slice', whole, { starts, sizes, steps: [1, 1, 1, 1] })];
};

function blockOf(operator: Importing): readonly [number, number] {
  const [y = 0, x = 0, ...more] = operator.integers(1);
  if (y >= 1 && x >= 1 && more.length === 0) return [y, x];
  return operator.refuse(`blocks of ${[y, x, ...more].join('x')}`, 'blocks along height and width');
}
