import { type BinaryOp, noClamp, type UnaryOp } from '../../graph/node.ts';
import { elementCount } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { foldArithmetic } from './arithmetic.ts';
import { importFolded } from './constants.ts';
import { mapId, outputMap, toMap } from './map.ts';
import { float32, type Kind, type NodeImport } from './nodeImport.ts';
import { isKnown, type Value } from './value.ts';

type Importer = (c: NodeImport) => void;

export function importBinary(op: BinaryOp): Importer {
  return (c) => {
    const [a, b] = [c.value(0), c.value(1)];
    if (isKnown(a) && isKnown(b)) {
      c.fold(foldArithmetic(c, op, [a, b]));
      return;
    }
    c.output(c.emit(op, [operand(c, a), operand(c, b)], noClamp, float32, c.outputId()));
  };
}

/** A constant that was quantized stays so: the sum may become one of 8-bit tensors. */
function operand(c: NodeImport, value: Value): Tensor {
  return isKnown(value) ? c.parameter(value, ['int8', 'uint8']) : value;
}

/** A function of one number, with its two parameters by name and default. */
export function importUnary(
  op: UnaryOp,
  alpha: number | undefined = undefined,
  beta: number | undefined = undefined,
): Importer {
  return (c) => {
    const attributes = {
      alpha: alpha === undefined ? 0 : c.attributes.float('alpha', alpha),
      beta: beta === undefined ? 0 : c.attributes.float('beta', beta),
    };
    const input = c.real(c.tensor(0));
    c.output(c.emit(op, [input], attributes, input, c.outputId()));
  };
}

/** Bounds as attributes up to opset 10, as inputs since. */
export function importClip(c: NodeImport): void {
  const input = c.real(c.tensor(0));
  const alpha = bound(c, 1, 'min', Number.NEGATIVE_INFINITY);
  const beta = bound(c, 2, 'max', Number.POSITIVE_INFINITY);
  c.output(c.emit('Clip', [input], { alpha, beta }, input, c.outputId()));
}

function bound(c: NodeImport, i: number, name: string, fallback: number): number {
  if (c.opset < 11) return c.attributes.float(name, fallback);
  if (c.optional(i) === undefined) return fallback;
  const value = c.known(i, name);
  if (value.length !== 1) c.fail(`${value.length} numbers as ${name}`, 'one');
  return value.numbers()[0]!;
}

/** Constants fold; the larger or smaller of a tensor and one number is a Clip. */
export function importBound(op: 'Max' | 'Min'): Importer {
  return (c: NodeImport) => {
    const values = Array.from({ length: c.inputCount }, (_, i) => c.value(i));
    const known = values.filter(isKnown);
    if (known.length === values.length) {
      importFolded(op)(c);
      return;
    }
    const tensor = values.find((value) => !isKnown(value))!;
    const [bound] = known;
    const one = values.length === 2 && bound !== undefined && bound.length === 1;
    if (!one || bound.shape.length > tensor.shape.length) {
      c.fail(`${op} of ${values.length} tensors`, 'one tensor and one constant number');
    }
    const number = bound.numbers()[0]!;
    const attributes =
      op === 'Max'
        ? { alpha: number, beta: Number.POSITIVE_INFINITY }
        : { alpha: Number.NEGATIVE_INFINITY, beta: number };
    const input = c.real(c.tensorOf(tensor));
    c.output(c.emit('Clip', [input], attributes, input, c.outputId()));
  };
}

export function importPRelu(c: NodeImport): void {
  c.output(c.emit('PRelu', [c.tensor(0), c.tensor(1)], {}, float32, c.outputId()));
}

export function importBatchNormalization(c: NodeImport): void {
  c.onlyOutputs(1);
  c.attributes.ignore('momentum');
  const epsilon = c.attributes.float('epsilon', 1e-5);
  if (c.attributes.flag('training_mode')) {
    c.fail('training_mode 1', '0', 'export the model for inference');
  }
  const input = c.tensor(0);
  const rank = input.shape.length;
  if (rank < 2) c.fail(`an input of ${rank} axes`, '[batch][channels]... ');
  const parameters = [1, 2, 3, 4].map((i) => c.tensor(i));
  const [scale, bias, mean, variance] = parameters as [Tensor, Tensor, Tensor, Tensor];
  const apply = (x: Tensor, id: string): Tensor =>
    c.emit('BatchNorm', [x, scale, bias, mean, variance], { epsilon }, float32, id);
  if (rank === 2) {
    c.output(apply(input, c.outputId()));
    return;
  }
  if (rank <= 4) {
    outputMap(c, apply(toMap(c, input), mapId(c)), rank);
    return;
  }
  const axes = [...Array(rank).keys()];
  const there = [0, ...axes.slice(2), 1];
  const back = axes.map((axis) => there.indexOf(axis));
  const turned = c.transpose(input, there);
  c.output(c.transpose(apply(turned, `${c.outputId()}:last`), back, c.outputId()));
}

/** Up to opset 12 the input is seen as a matrix, cut at the axis. */
export function importSoftmax(op: 'Softmax' | 'LogSoftmax'): Importer {
  return (c) => {
    const input = c.tensor(0);
    const flattens = c.opset < 13;
    const axis = c.attributes.int('axis', flattens ? 1 : -1);
    c.output(emitSoftmax(c, op, input, axis, flattens, input));
  };
}

export function emitSoftmax(
  c: NodeImport,
  op: 'Softmax' | 'LogSoftmax',
  input: Tensor,
  fileAxis: number,
  flattens: boolean,
  kind: Kind,
): Tensor {
  const { shape } = input;
  const axis = c.axis(fileAxis, shape.length);
  const behind = elementCount(shape.slice(axis + 1));
  if (!flattens || behind === 1) {
    return c.emit(op, [input], { axis, beta: 1 }, kind, c.outputId());
  }
  const matrix = c.reshape(input, [elementCount(shape.slice(0, axis)), shape[axis]! * behind]);
  const result = c.emit(op, [matrix], { axis: 1, beta: 1 }, kind);
  return c.reshape(result, shape, c.outputId());
}
