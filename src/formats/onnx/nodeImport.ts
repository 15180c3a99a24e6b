import type { NodeOf, OpName } from '../../graph/node.ts';
import { elementCount, formatShape, normalizeAxis, type Shape } from '../../graph/shape.ts';
import {
  type DType,
  isConstant,
  perTensor,
  type Quantization,
  type Tensor,
} from '../../graph/tensor.ts';
import { limits } from '../limits.ts';
import { strided, transposed } from './constantMath.ts';
import type { OnnxNode } from './decode.ts';
import { elementOf } from './elements.ts';
import { fail } from './fault.ts';
import { parametersOf, quantizationOf, sameQuantization } from './quantization.ts';
import type { Scope } from './scope.ts';
import { ConstantValue, isKnown, type Value } from './value.ts';

/** Type and quantization of an output; a tensor serves as its own pattern. */
export interface Kind {
  readonly dtype: DType;
  readonly quantization?: Quantization | undefined;
}

export const float32: Kind = { dtype: 'float32' };

/** One node of the file while it becomes nodes of the graph. */
export class NodeImport {
  constructor(
    readonly node: OnnxNode,
    readonly scope: Scope,
  ) {}

  get name(): string {
    return this.node.name;
  }

  get opset(): number {
    return this.scope.opset;
  }

  get attributes() {
    return this.node.attributes;
  }

  get inputCount(): number {
    return this.node.inputs.length;
  }

  fail(got: string, expected: string, advice?: string): never {
    return fail(this.name, got, expected, advice);
  }

  optional(i: number): Value | undefined {
    const name = this.node.inputs[i];
    return name === undefined || name === '' ? undefined : this.scope.values.get(name);
  }

  value(i: number): Value {
    return this.optional(i) ?? this.fail(`no input ${i}`, `${this.node.op} with that input`);
  }

  shape(i: number): Shape {
    return this.value(i).shape;
  }

  known(i: number, what: string): ConstantValue {
    const value = this.value(i);
    if (isKnown(value)) return value;
    return this.fail(
      `${what} ${JSON.stringify(this.node.inputs[i])} computed at run time`,
      'a constant',
      'if it is an input, give it a value at load: load(file, { inputs: { name: { value } } })',
    );
  }

  /** A constant list of integers, as shapes and axes are. */
  integers(i: number, what: string): number[] {
    const value = this.known(i, what);
    if (value.dtype === 'float32') this.fail(`${what} of type ${value.type}`, 'integers');
    if (value.length > limits.operands) this.fail(`${value.length} ${what}`, 'a short list');
    return value.numbers();
  }

  optionalIntegers(i: number, what: string): number[] | undefined {
    return this.optional(i) === undefined ? undefined : this.integers(i, what);
  }

  /** An input as a tensor of the graph. */
  tensor(i: number): Tensor {
    return this.tensorOf(this.value(i));
  }

  tensorOf(value: Value): Tensor {
    if (!isKnown(value)) return value;
    const { constants, builder } = this.scope;
    let tensor = constants.get(value);
    if (tensor === undefined) {
      const { name, dtype, shape, data, storedBits } = value;
      tensor = builder.constant(name, dtype, shape, data, { storedBits });
      constants.set(value, tensor);
    }
    return tensor;
  }

  /**
   * A weight or bias. What was dequantized from integers of one of `dtypes` stays integers and a
   * Dequantize, so that a pass can make the layer an integer one.
   */
  parameter(value: ConstantValue, dtypes: readonly DType[]): Tensor {
    const { source } = value;
    if (source === undefined || !dtypes.includes(source.integers.dtype)) {
      return this.tensorOf(value);
    }
    const { integers, quantization } = source;
    const { name, dtype, shape, data, storedBits } = integers;
    const more = { quantization, storedBits };
    const constant = this.scope.builder.constant(name, dtype, shape, data, more);
    return this.emit('Dequantize', [constant], {}, float32, value.name);
  }

  axis(axis: number, rank: number): number {
    return (
      normalizeAxis(axis, rank) ??
      this.fail(`axis ${axis}`, `an axis between ${-rank} and ${rank - 1}`)
    );
  }

  /** Adds a node with one output; without an `id` that is a step towards the file's output. */
  emit<Op extends OpName>(
    op: Op,
    inputs: NodeOf<Op>['inputs'],
    attributes: NodeOf<Op>['attributes'],
    kind: Kind,
    id = `${this.node.outputs[0]}:${op}`,
  ): Tensor {
    return this.emitAll(op, inputs, attributes, [{ ...kind, id }])[0]!;
  }

  emitAll<Op extends OpName>(
    op: Op,
    inputs: NodeOf<Op>['inputs'],
    attributes: NodeOf<Op>['attributes'],
    outputs: readonly (Kind & { readonly id: string })[],
  ): Tensor[] {
    for (const input of inputs as readonly (Tensor | undefined)[]) {
      if (input !== undefined) this.#checkSize(input.shape);
    }
    const specs = outputs.map(({ id, dtype, quantization }) => ({ id, dtype, quantization }));
    const tensors = this.scope.builder.node(op, this.name, inputs, attributes, specs);
    for (const { shape } of tensors) this.#checkSize(shape);
    return tensors;
  }

  #checkSize(shape: Shape): void {
    const count = elementCount(shape);
    if (count >= 1 && count <= limits.elements && shape.length <= limits.rank) return;
    this.fail(
      `a tensor of shape ${formatShape(shape)}`,
      `1 to ${limits.elements} elements in at most ${limits.rank} axes`,
      'export the model with smaller, non-empty shapes',
    );
  }

  /** Names a result as the node's output `i`. */
  output(value: Value, i = 0): void {
    const name = this.node.outputs[i];
    if (name !== undefined && name !== '') this.scope.values.set(name, value);
  }

  outputId(i = 0): string {
    return this.node.outputs[i] ?? '';
  }

  /** Refuses outputs that only training needs. */
  onlyOutputs(count: number): void {
    const extra = this.node.outputs.slice(count).find((name) => name !== '');
    if (extra === undefined) return;
    this.fail(
      `output ${JSON.stringify(extra)}`,
      `${count} output${count === 1 ? '' : 's'} of ${this.node.op}`,
      'export the model for inference',
    );
  }

  /** An 8-bit input with the scale and zero point at the positions after it, as QOperators have it. */
  quantized(i: number, scale = i + 1, zeroPoint = i + 2): Tensor {
    const value = this.value(i);
    const parameters = parametersOf(this.name, this.value(scale), this.optional(zeroPoint));
    const { dtype, shape } = value;
    const quantization = quantizationOf(this.name, parameters, dtype, [], 0);
    if (dtype !== 'int8' && dtype !== 'uint8') this.fail(`an input of ${dtype}`, '8-bit integers');
    if (!isKnown(value)) return this.reinterpret(value, quantization);
    return this.scope.builder.constant(value.name, dtype, shape, value.data, { quantization });
  }

  /** Type and quantization of an output, from the scale and zero point at these positions. */
  quantizedKind(scale: number, zeroPoint: number, dtype: DType): Kind {
    const parameters = parametersOf(this.name, this.value(scale), this.optional(zeroPoint));
    const own = parameters.zeroPoint?.dtype ?? dtype;
    if (own !== 'int8' && own !== 'uint8') this.fail(`an output of ${own}`, '8-bit integers');
    const quantization = quantizationOf(this.name, parameters, own, [], 0);
    return { dtype: own, quantization };
  }

  /** The same numbers under a quantization; the tensor itself where it has that one. */
  reinterpret(tensor: Tensor, quantization: Quantization): Tensor {
    if (sameQuantization(tensor.quantization, quantization)) return tensor;
    const { dtype, shape, id } = tensor;
    // Inside, quantized int8 stands 128 higher, and plain int8 does not.
    const source = dtype === 'int8' && !tensor.quantization ? this.#quantizePlain(tensor) : tensor;
    const result = this.emit('Reshape', [source], { shape }, { dtype, quantization }, `${id}:as`);
    const { twins } = this.scope;
    const twin = twins.get(source);
    if (twin !== undefined && quantization.scale.length === 1) {
      twins.set(result, this.reinterpret(twin, quantization));
    }
    return result;
  }

  #quantizePlain(tensor: Tensor): Tensor {
    const real = this.emit('Cast', [tensor], {}, float32, `${tensor.id}:float`);
    const kind = { dtype: tensor.dtype, quantization: perTensor(1, 0) };
    return this.emit('Quantize', [real], {}, kind, `${tensor.id}:plain`);
  }

  /** 8-bit numbers without a scale stand for themselves. */
  real(tensor: Tensor): Tensor {
    const plain = (tensor.dtype === 'int8' || tensor.dtype === 'uint8') && !tensor.quantization;
    return plain && !isConstant(tensor) ? this.reinterpret(tensor, perTensor(1, 0)) : tensor;
  }

  transpose(tensor: Tensor, permutation: readonly number[], id?: string): Tensor {
    if (permutation.every((axis, i) => axis === i)) return tensor;
    const { dtype, quantization } = tensor;
    const kind = { dtype, quantization: turnedQuantization(quantization, permutation) };
    return this.emit('Transpose', [tensor], { permutation }, kind, id);
  }

  reshape(tensor: Tensor, shape: Shape, id?: string): Tensor {
    const { dtype, quantization } = tensor;
    // Channels may end up on another axis, or on none.
    const kept = quantization?.scale.length === 1 ? quantization : undefined;
    return this.emit('Reshape', [tensor], { shape }, { dtype, quantization: kept }, id);
  }

  /** A known result that was computed here; its size counts. */
  fold(value: ConstantValue): void {
    this.scope.spend(this.name, value.length);
    this.output(value);
  }

  /** A known value with its axes in another order: output axis i is input axis permutation[i]. */
  turned(value: ConstantValue, permutation: readonly number[]): ConstantValue {
    this.scope.spend(this.name, value.length);
    return transposed(value, permutation);
  }

  /** A known value seen in a shape that it broadcasts to. */
  broadcast(value: ConstantValue, shape: Shape, strides: readonly number[]): ConstantValue {
    this.scope.spend(this.name, elementCount(shape));
    const data = strided(value.data, elementOf(value.type).dtype, shape, strides);
    return new ConstantValue(value.name, value.type, shape, data);
  }
}

function turnedQuantization(
  quantization: Quantization | undefined,
  permutation: readonly number[],
): Quantization | undefined {
  if (quantization === undefined || quantization.scale.length === 1) return quantization;
  return { ...quantization, axis: permutation.indexOf(quantization.axis) };
}
