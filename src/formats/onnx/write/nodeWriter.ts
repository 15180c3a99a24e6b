import { ModelError } from '../../../errors.ts';
import type { Clamp, Node } from '../../../graph/node.ts';
import { elementCount, type Shape } from '../../../graph/shape.ts';
import {
  type Constant,
  isConstant,
  isQuantized,
  type Quantization,
  type Tensor,
} from '../../../graph/tensor.ts';
import { type Constants, turned } from './constants.ts';
import type { AttributeValue, FileBuilder } from './fileBuilder.ts';
import { type Layout, type Maps, toFile } from './maps.ts';

type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** What the rows of operators write nodes with. */
export class NodeWriter {
  /** Outputs of a Dequantize of constants: they are written where they are read. */
  readonly integers = new Map<Tensor, Constant>();
  readonly #reals = new Map<Tensor, Partial<Record<Layout, string>>>();

  constructor(
    readonly file: FileBuilder,
    readonly maps: Maps,
    readonly constants: Constants,
  ) {}

  fail({ name, op }: Node, got: string, expected: string): never {
    throw new ModelError({
      where: name,
      got: `${op} with ${got}`,
      expected,
      advice: 'it cannot be written as ONNX: keep the file that it came from',
    });
  }

  /** The layout in which a node that takes either is written: that of its first map. */
  layoutOf({ inputs }: Node): Layout {
    const maps = (inputs as readonly (Tensor | undefined)[]).filter(
      (input): input is Tensor => input !== undefined && this.maps.has(input),
    );
    const all = maps.every(({ shape }) => shape.length === 4);
    return all && maps.some((map) => this.maps.isTurned(map)) ? 'turned' : 'plain';
  }

  /** The elements of a tensor as they are stored. */
  raw(tensor: Tensor, layout: Layout): string {
    if (!isConstant(tensor)) return this.maps.name(tensor, layout);
    const constant = layout === 'plain' ? tensor : turnedOperand(tensor);
    return this.constants.plain(constant, layout === 'plain' ? tensor.id : `${tensor.id}/nchw`);
  }

  /** The real numbers of a tensor: behind a DequantizeLinear where it holds 8-bit ones. */
  real(tensor: Tensor, layout: Layout): string {
    const constant = this.integers.get(tensor);
    if (constant === undefined && !isQuantized(tensor)) return this.raw(tensor, layout);
    const known = this.#reals.get(tensor) ?? {};
    this.#reals.set(tensor, known);
    known[layout] ??=
      constant === undefined
        ? this.dequantize(tensor, this.raw(tensor, layout), `${tensor.id}/real`, layout)
        : this.constants.dequantized(
            layout === 'plain' ? constant : turnedOperand(constant),
            tensor.id,
          );
    return known[layout];
  }

  dequantize(tensor: Tensor, source: string, wanted: string, layout: Layout): string {
    const name = this.file.name(wanted);
    this.#scaled('DequantizeLinear', tensor, source, name, layout);
    return name;
  }

  quantize(tensor: Tensor, source: string, name: string, layout: Layout): void {
    this.#scaled('QuantizeLinear', tensor, source, name, layout);
  }

  #scaled(op: string, tensor: Tensor, source: string, name: string, layout: Layout): void {
    const { scale, axis } = tensor.quantization as Quantization;
    const parameters = this.constants.parameters(tensor.id, tensor).filter((part) => part !== '');
    const along = scale.length === 1 ? undefined : axisIn(layout, axis);
    this.file.node(op, name, [source, ...parameters], [name], { axis: along });
  }

  /**
   * Writes a node whose one output is `output`, with its bounds and the QuantizeLinear behind it.
   * @param addend a constant to add first
   */
  result(
    { name }: Node,
    op: string,
    inputs: readonly string[],
    output: Tensor,
    layout: Layout,
    attributes: Attributes = {},
    { clamp, addend }: { clamp?: Clamp | undefined; addend?: string | undefined } = {},
  ): void {
    const bound = clamp === undefined ? undefined : this.#bound(output.id, clamp);
    const quantized = isQuantized(output);
    const steps: { op: string; inputs: readonly string[]; attributes?: Attributes }[] = [
      { op, inputs, attributes },
    ];
    if (addend !== undefined) steps.push({ op: 'Add', inputs: [addend] });
    if (bound !== undefined) steps.push(bound);
    let before = '';
    for (const [i, step] of steps.entries()) {
      const last = i === steps.length - 1 && !quantized;
      const out = last
        ? this.maps.create(output, layout)
        : this.file.name(`${output.id}/${step.op.toLowerCase()}`);
      const operands = i === 0 ? step.inputs : [before, ...step.inputs];
      this.file.node(step.op, i === 0 ? name : out, operands, [out], step.attributes);
      before = out;
    }
    if (quantized) this.quantize(output, before, this.maps.create(output, layout), layout);
  }

  #bound(id: string, { min, max }: Clamp) {
    const [below, above] = [Number.isFinite(min), Number.isFinite(max)];
    if (!below && !above) return undefined;
    if (min === 0 && !above) return { op: 'Relu', inputs: [] };
    const low = below ? this.file.floats(`${id}/min`, [min], []) : '';
    const high = above ? [this.file.floats(`${id}/max`, [max], [])] : [];
    return { op: 'Clip', inputs: [low, ...high] };
  }
}

/** Where an axis of the graph stands in the file. */
export function axisIn(layout: Layout, axis: number): number {
  return layout === 'plain' ? axis : toFile.indexOf(axis as 0 | 1 | 2 | 3);
}

/** One number for each axis of a map, in the order of the file. */
export function axesIn<T>(layout: Layout, list: readonly T[]): T[] {
  return layout === 'plain' ? [...list] : toFile.map((axis) => list[axis]!);
}

/** An operand that broadcasts to an NHWC map, as one of the NCHW map. */
function turnedOperand(constant: Constant): Constant {
  const { shape } = constant;
  if (elementCount(shape) === 1) return constant;
  const lead = new Array<number>(4 - shape.length).fill(1);
  const whole: Shape = [...lead, ...shape];
  const { quantization } = constant;
  if (quantization === undefined || quantization.scale.length === 1) {
    return turned(constant, whole, toFile);
  }
  const moved = { ...quantization, axis: quantization.axis + lead.length };
  return turned({ ...constant, quantization: moved }, whole, toFile);
}
