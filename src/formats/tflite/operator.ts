import { ModelError } from '../../errors.ts';
import { type Clamp, type NodeOf, noClamp, type OpName, type UnaryOp } from '../../graph/node.ts';
import { formatShape } from '../../graph/shape.ts';
import { bytesPerElement, type Constant, isConstant, type Tensor } from '../../graph/tensor.ts';
import type { OutputSpec } from '../../ops/builder.ts';
import { FlatFile, Table } from './flatbuffer.ts';
import type { GraphTensors } from './graphTensors.ts';
import type { FileOperator } from './model.ts';
import { activations } from './schema.ts';
import { checkShape, dequantized } from './tensors.ts';

const broken = 'the file is broken; fetch or export it again';
// A table of four bytes, the distance to its vtable of four: no fields.
const noOptions = new Table(
  new FlatFile(Uint8Array.of(4, 0, 4, 0, 4, 0, 0, 0), 'absent'),
  4,
  'absent options',
);

/** One operator of the file on its way into the graph. */
export class Importing {
  /** Its number in the file and its kind: TFLite operators have no names. */
  readonly name: string;

  constructor(
    readonly tensors: GraphTensors,
    readonly operator: FileOperator,
    index: number,
  ) {
    this.name = `${index} ${operator.kind}`;
  }

  get inputCount(): number {
    return this.operator.inputs.length;
  }

  refuse(got: string, expected: string, advice = broken): never {
    throw new ModelError({ where: this.name, got, expected, advice });
  }

  /** The table of its options; where the file has none, all have the schema's defaults. */
  options(type: number): Table {
    const { optionsType, options } = this.operator;
    if (optionsType === 0 || options === undefined) return noOptions;
    if (optionsType === type) return options;
    return this.refuse(`options of type ${optionsType}`, `options of type ${type}`);
  }

  optionalInput(i: number): Tensor | undefined {
    const index = this.operator.inputs[i] ?? -1;
    return index < 0 ? undefined : this.tensors.get(index, this.name);
  }

  input(i: number): Tensor {
    return this.optionalInput(i) ?? this.refuse(`no input ${i}`, `${i + 1} inputs at least`);
  }

  inputs(): Tensor[] {
    return this.operator.inputs.map((_, i) => this.input(i));
  }

  /** An input with that many axes. */
  ranked(i: number, rank: number): Tensor {
    const tensor = this.input(i);
    if (tensor.shape.length === rank) return tensor;
    return this.refuse(`input ${i} of shape ${formatShape(tensor.shape)}`, `${rank} axes`);
  }

  constant(i: number): Constant {
    const tensor = this.input(i);
    if (isConstant(tensor)) return tensor;
    return this.refuse(
      `input ${i}, ${tensor.id}, which is computed`,
      'a constant',
      'make it part of the model, or fix the input it comes from with the option `inputs`',
    );
  }

  /** A constant as real numbers where it meets float32 data, as it is otherwise. */
  weights(i: number, data: Tensor): Constant {
    const weights = this.constant(i);
    return data.dtype === 'float32' ? this.toFloat(weights) : weights;
  }

  toFloat(tensor: Constant): Constant {
    const { dtype, quantization, shape } = tensor;
    if (dtype === 'float32' || quantization === undefined) return tensor;
    const { budget, builder } = this.tensors;
    return this.tensors.derive('real numbers', tensor, () => {
      budget.spend(4 * tensor.data.length, this.name);
      const storedBits = tensor.storedBits ?? 8 * bytesPerElement[dtype];
      const data = dequantized(tensor, quantization);
      return builder.constant(tensor.id, 'float32', shape, data, { storedBits });
    });
  }

  /** A bias, without its scale, which follows from the other operands. */
  bias(i: number): Constant | undefined {
    if (this.optionalInput(i) === undefined) return undefined;
    const bias = this.constant(i);
    if (bias.dtype !== 'int32' && bias.dtype !== 'float32') {
      this.refuse(`a bias of ${bias.dtype}`, 'a bias of int32 or float32');
    }
    return this.tensors.derive('bias', bias, () => {
      const { quantization, ...plain } = bias;
      return plain;
    });
  }

  /** The elements of a constant of integers: a shape, axes, pads. */
  integers(i: number): number[] {
    const index = this.operator.inputs[i] ?? -1;
    // An empty list is no tensor that could be computed with, but a good list of axes.
    if (index >= 0 && this.tensors.file(index).shape.includes(0)) {
      if (this.tensors.file(index).data.length === 0) return [];
    }
    const { dtype, data } = this.constant(i);
    if (dtype !== 'int32' && dtype !== 'int64') this.refuse(`input ${i} of ${dtype}`, 'int32');
    if (data.length > 64) this.refuse(`${data.length} numbers in input ${i}`, 'at most 64');
    return Array.from(data as ArrayLike<number | bigint>, Number);
  }

  integer(i: number): number {
    const list = this.integers(i);
    return list.length === 1
      ? list[0]!
      : this.refuse(`${list.length} numbers in input ${i}`, 'one number');
  }

  axis(axis: number, rank: number): number {
    const positive = axis < 0 ? axis + rank : axis;
    if (positive >= 0 && positive < rank) return positive;
    return this.refuse(`axis ${axis}`, `one of ${rank} axes`);
  }

  /** What the file says of output `i`. */
  output(i = 0): OutputSpec {
    const index = this.operator.outputs[i];
    return index === undefined
      ? this.refuse(`no output ${i}`, `${i + 1} outputs at least`)
      : this.tensors.spec(index);
  }

  outputs(): OutputSpec[] {
    return this.operator.outputs.map((_, i) => this.output(i));
  }

  /** A spec for what stands between two nodes that do one operator's work. */
  between(
    part: string,
    like: Pick<OutputSpec, 'dtype' | 'quantization'> = this.output(),
  ): OutputSpec {
    const { dtype, quantization } = like;
    return { id: `${this.output().id}/${part}`, dtype, quantization };
  }

  /** Adds a node; its outputs are the operator's unless told otherwise. */
  node<Op extends OpName>(
    op: Op,
    inputs: NodeOf<Op>['inputs'],
    attributes: NodeOf<Op>['attributes'],
    outputs: readonly OutputSpec[] = [this.output()],
  ): Tensor[] {
    const { builder } = this.tensors;
    // The builder's own type for the two is the same, but only for an operator that is known here.
    const made = builder.node(op, this.name, inputs, attributes, outputs);
    for (const { shape } of made) checkShape(shape, this.name);
    return made;
  }

  /** One function of one number, with its own parameters. */
  unary(op: UnaryOp, input: Tensor, alpha = 0, beta = 0, output = this.output()): Tensor[] {
    return this.node(op, [input], { alpha, beta }, [output]);
  }

  /**
   * Adds the activation that the file fused into an operator.
   * @param make the operator itself, clamped, into the output given
   */
  activated(activation: number, make: (clamp: Clamp, output: OutputSpec) => Tensor[]): Tensor[] {
    const kind = activations[activation];
    const output = this.output();
    if (kind === 'TANH' && output.dtype === 'float32') {
      const [linear] = make(noClamp, this.between('linear'));
      return this.unary('Tanh', linear!);
    }
    const clamp = kind === undefined ? undefined : clamps[kind];
    if (clamp === undefined) {
      return this.refuse(
        `a fused activation ${kind ?? `number ${activation}`} into ${output.dtype}`,
        `one of ${Object.keys(clamps).join(', ')}`,
        'export the model with the activation as a layer of its own',
      );
    }
    return make(clamp, output);
  }
}

const clamps: Readonly<Record<string, Clamp>> = {
  NONE: noClamp,
  RELU: { min: 0, max: Number.POSITIVE_INFINITY },
  RELU_N1_TO_1: { min: -1, max: 1 },
  RELU6: { min: 0, max: 6 },
};

/** Imports one kind of operator: adds its nodes and returns the tensors of its outputs. */
export type OperatorImporter = (operator: Importing) => readonly Tensor[];
