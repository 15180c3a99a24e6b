import { noClamp } from '../../graph/node.ts';
import {
  broadcastShape,
  broadcastStrides,
  elementCount,
  formatShape,
  type Shape,
} from '../../graph/shape.ts';
import type { Quantization, Tensor } from '../../graph/tensor.ts';
import { fromNumbers, reshaped } from './constantMath.ts';
import {
  inputZeroPoint,
  integerBias,
  integerWeights,
  layerInputs,
  plainQuantization,
} from './convolution.ts';
import { float32, type Kind, type NodeImport } from './nodeImport.ts';
import { parametersOf, quantizationOf } from './quantization.ts';
import { ConstantValue, isKnown, type Value } from './value.ts';

const eightBits = ['int8', 'uint8'] as const;
/** Products of batches of constants become so many layers at most. */
const batchLimit = 256;

const keepDims = { ...noClamp, keepDims: true } as const;

/** input [...][k] times weights [n][k], with an optional bias. */
type Layer = (input: Tensor, weights: ConstantValue, id: string | undefined) => Tensor;

export function importMatMul(c: NodeImport): void {
  const [a, b] = [c.value(0), c.value(1)];
  if (isKnown(b) && b.shape.length <= 2) {
    c.output(
      layerOf(c, c.tensorOf(a), b, (input, weights, id) =>
        c.emit('FullyConnected', [input, c.parameter(weights, eightBits)], keepDims, float32, id),
      ),
    );
    return;
  }
  checkProduct(c, a.shape, b.shape);
  // A vector is a matrix of one row on the left, of one column on the right.
  const left = a.shape.length === 1 ? c.reshape(c.tensorOf(a), [1, a.shape[0]!]) : c.tensorOf(a);
  const right = b.shape.length === 1 ? c.reshape(c.tensorOf(b), [b.shape[0]!, 1]) : c.tensorOf(b);
  const whole = a.shape.length > 1 && b.shape.length > 1;
  const product = c.emit('MatMul', [left, right], {}, float32, whole ? c.outputId() : undefined);
  if (whole) c.output(product);
  else c.output(c.reshape(product, productShape(a.shape, b.shape), c.outputId()));
}

function checkProduct(c: NodeImport, a: Shape, b: Shape): void {
  const k = b.length === 1 ? b[0] : b.at(-2);
  if (a.length >= 1 && b.length >= 1 && a.at(-1) === k) return;
  c.fail(`${formatShape(a)} times ${formatShape(b)}`, '[...][m][k] times [...][k][n]');
}

function productShape(a: Shape, b: Shape): number[] {
  const batch = broadcastShape(a.slice(0, -2), b.slice(0, -2)) ?? [];
  return [...batch, ...(a.length > 1 ? [a.at(-2)!] : []), ...(b.length > 1 ? [b.at(-1)!] : [])];
}

/** A product with constant b [k][n] or [k]: one layer, between reshapes where an operand is a vector. */
function layerOf(c: NodeImport, a: Tensor, b: ConstantValue, layer: Layer): Tensor {
  checkProduct(c, a.shape, b.shape);
  const matrix = b.shape.length === 1 ? reshaped(b, [b.length, 1]) : b;
  const weights = c.turned(matrix, [1, 0]);
  if (a.shape.length > 1 && b.shape.length > 1) return layer(a, weights, c.outputId());
  const rows = a.shape.length > 1 ? a : c.reshape(a, [1, a.shape[0]!]);
  return c.reshape(layer(rows, weights, undefined), productShape(a.shape, b.shape), c.outputId());
}

/** Batches of constant b, one layer each, cut from a and put together again. */
function batches(c: NodeImport, a: Tensor, b: ConstantValue, kind: Kind, layer: Layer): Tensor {
  checkProduct(c, a.shape, b.shape);
  const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const count = batch === undefined ? 0 : elementCount(batch);
  if (batch === undefined || a.shape.length < 2 || count < 1 || count > batchLimit) {
    return c.fail(
      `${formatShape(a.shape)} times ${formatShape(b.shape)}`,
      `[...][m][k] times [...][k][n] in at most ${batchLimit} batches`,
    );
  }
  const [m = 1, k = 1] = a.shape.slice(-2);
  const n = b.shape.at(-1)!;
  const spread = broadcastStrides(b.shape, [...batch, k, n]);
  const matrices = c.broadcast(b, [...batch, k, n], spread);
  const rowsOf = batchIndices(a.shape.slice(0, -2), batch);
  const flat = c.reshape(a, [elementCount(a.shape) / (m * k), m, k]);
  const parts = rowsOf.map((row, i) => {
    const attributes = { starts: [row, 0, 0], sizes: [1, m, k], steps: [1, 1, 1] };
    const slice = c.emit('Slice', [flat], attributes, flat);
    const data = matrices.data.slice(i * k * n, (i + 1) * k * n);
    const matrix = new ConstantValue(`${b.name}:${i}`, b.type, [k, n], data);
    return layer(slice, c.turned(matrix, [1, 0]), undefined);
  });
  const product = parts.length === 1 ? parts[0]! : c.emit('Concat', parts, { axis: 0 }, kind);
  return c.reshape(product, [...batch, m, n], c.outputId());
}

/** For each batch in order, the index of the one of `shape` that broadcasts to it. */
function batchIndices(shape: Shape, batch: Shape): number[] {
  const strides = broadcastStrides(shape, batch);
  return Array.from({ length: elementCount(batch) }, (_, i) => {
    let index = 0;
    let rest = i;
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      index += (rest % batch[axis]!) * strides[axis]!;
      rest = Math.floor(rest / batch[axis]!);
    }
    return index;
  });
}

/** alpha A' B' + beta C */
export function importGemm(c: NodeImport): void {
  const { attributes } = c;
  const alpha = attributes.float('alpha', 1);
  const beta = attributes.float('beta', 1);
  const [transA, transB] = [attributes.flag('transA'), attributes.flag('transB')];
  for (const i of [0, 1]) {
    if (c.shape(i).length !== 2) c.fail(`an operand ${formatShape(c.shape(i))}`, 'two matrices');
  }
  for (const value of [c.value(0), c.value(1), c.optional(2)]) {
    if (value !== undefined && value.dtype !== 'float32') {
      c.fail(`an operand of ${value.dtype}`, 'floats');
    }
  }
  const a = transA ? c.transpose(c.tensor(0), [1, 0]) : c.tensor(0);
  const b = c.value(1);
  const term = beta === 0 ? undefined : c.optional(2);
  if (!isKnown(b)) {
    const right = transB ? c.transpose(b, [1, 0]) : b;
    const product = c.emit('MatMul', [a, right], {}, float32);
    c.output(sum(c, times(c, product, alpha), term, beta));
    return;
  }
  const weights = scaled(transB ? b : c.turned(b, [1, 0]), alpha);
  const n = weights.shape[0]!;
  const bias = term !== undefined && isKnown(term) ? rowBias(c, term, n, beta) : undefined;
  const inputs = layerInputs(
    a,
    c.parameter(weights, eightBits),
    bias && c.parameter(bias, ['int32']),
  );
  const rest = bias === undefined ? term : undefined;
  const id = rest === undefined ? c.outputId() : undefined;
  const product = c.emit('FullyConnected', inputs, keepDims, float32, id);
  c.output(sum(c, product, rest, beta));
}

/** product + beta term */
function sum(c: NodeImport, product: Tensor, term: Value | undefined, beta: number): Tensor {
  if (term === undefined) return product;
  const addend = isKnown(term) ? c.tensorOf(scaled(term, beta)) : times(c, term, beta);
  return c.emit('Add', [product, addend], noClamp, float32, c.outputId());
}

/** C as one number for each of n columns, beta included; undefined where it differs between rows. */
function rowBias(
  c: NodeImport,
  value: ConstantValue,
  n: number,
  beta: number,
): ConstantValue | undefined {
  if (value.length === n && (value.shape.length < 2 || value.shape[0] === 1)) {
    return scaled(reshaped(value, [n]), beta);
  }
  if (value.length !== 1) return undefined;
  c.scope.spend(c.name, n);
  const numbers = new Array<number>(n).fill(value.numbers()[0]! * beta);
  return fromNumbers(value.name, 'float32', [n], numbers);
}

/** A float constant times a number; by 1 it stays what it is. */
function scaled(value: ConstantValue, factor: number): ConstantValue {
  if (factor === 1) return value;
  const data = (value.data as Float32Array).map((x) => x * factor);
  return new ConstantValue(value.name, 'float32', value.shape, data);
}

function times(c: NodeImport, tensor: Tensor, factor: number): Tensor {
  if (factor === 1) return tensor;
  const constant = c.tensorOf(fromNumbers(`${c.name}:${factor}`, 'float32', [], [factor]));
  return c.emit('Mul', [tensor, constant], noClamp, float32);
}

/** a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point */
export function importQLinearMatMul(c: NodeImport): void {
  const a = c.quantized(0);
  const b = weightMatrix(c, 3);
  const kind = c.quantizedKind(6, 7, a.dtype);
  const parameters = parametersOf(c.name, c.value(4), c.optional(5));
  const shape: Shape = [b.shape.at(-1) ?? 1];
  const quantization = quantizationOf(c.name, flatParameters(parameters), b.type, shape, 0);
  const layer: Layer = (input, weights, id) =>
    c.emit('FullyConnected', [input, integerWeights(c, weights, quantization)], keepDims, kind, id);
  c.output(b.shape.length <= 2 ? layerOf(c, a, b, layer) : batches(c, a, b, kind, layer));
}

/** Parameters per column may be stated as [n] or [1][n]. */
function flatParameters({ scale, zeroPoint }: ReturnType<typeof parametersOf>) {
  return {
    scale: reshaped(scale, [scale.length]),
    zeroPoint: zeroPoint === undefined ? undefined : reshaped(zeroPoint, [zeroPoint.length]),
  };
}

function weightMatrix(c: NodeImport, i: number): ConstantValue {
  const value = c.known(i, 'a second operand');
  if (value.dtype === 'int8' || value.dtype === 'uint8') return value;
  return c.fail(`a second operand of ${value.type}`, '8-bit integers');
}

/** a, b, a_zero_point, b_zero_point */
export function importMatMulInteger(c: NodeImport): void {
  const a = c.tensor(0);
  const b = weightMatrix(c, 1);
  const quantization = plainQuantization(c, 3, b, b.shape.at(-1) ?? 1);
  const kind: Kind = { dtype: 'int32' };
  const layer: Layer = (input, weights, id) =>
    c.emit(
      'MatMulInteger',
      layerInputs(input, integerWeights(c, weights, quantization), inputZeroPoint(c, 2)),
      {},
      kind,
      id,
    );
  c.output(b.shape.length <= 2 ? layerOf(c, a, b, layer) : batches(c, a, b, kind, layer));
}

/** com.microsoft: A, a_scale, a_zero_point, B, b_scale, b_zero_point, C, y_scale, y_zero_point */
export function importQGemm(c: NodeImport): void {
  const alpha = c.attributes.float('alpha', 1);
  if (!(alpha > 0 && alpha < 2 ** 32)) c.fail(`alpha ${alpha}`, 'a number above 0');
  const input = c.quantized(0);
  const a = c.attributes.flag('transA') ? c.transpose(input, [1, 0]) : input;
  const file = weightMatrix(c, 3);
  if (file.shape.length !== 2) c.fail(`weights ${formatShape(file.shape)}`, 'a matrix');
  const weights = c.attributes.flag('transB') ? file : c.turned(file, [1, 0]);
  const parameters = flatParameters(parametersOf(c.name, c.value(4), c.optional(5)));
  const own = quantizationOf(c.name, parameters, weights.type, weights.shape, 0);
  // alpha scales the product, so it may stand in the weights' scale.
  const quantization: Quantization = { ...own, scale: own.scale.map((s) => s * alpha) };
  const kind = c.optional(7) === undefined ? float32 : c.quantizedKind(7, 8, input.dtype);
  const bias = gemmBias(c, 6, input, quantization, kind, weights.shape[0]!);
  const inputs = layerInputs(a, integerWeights(c, weights, quantization), bias);
  c.output(c.emit('FullyConnected', inputs, keepDims, kind, c.outputId()));
}

/** QGemm's int32 bias; a layer with a float result takes it as real numbers. */
function gemmBias(
  c: NodeImport,
  i: number,
  input: Tensor,
  weights: Quantization,
  kind: Kind,
  n: number,
): Tensor | undefined {
  const stated = c.optional(i);
  if (stated !== undefined && elementCount(stated.shape) !== n) {
    c.fail(`a bias ${formatShape(stated.shape)}`, `${n} elements`);
  }
  const bias = integerBias(c, i, input, weights);
  if (bias === undefined || kind.dtype !== 'float32') return bias;
  const integers = bias.data as Int32Array;
  const { scale } = bias.quantization!;
  const numbers = Array.from(integers, (b, j) => b * scale[scale.length === 1 ? 0 : j]!);
  return c.tensorOf(fromNumbers(bias.id, 'float32', [n], numbers));
}
