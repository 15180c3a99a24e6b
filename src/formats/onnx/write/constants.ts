import { elementCount, type Shape, stridesOf } from '../../../graph/shape.ts';
import { type Constant, perTensor, type Quantization, type Tensor } from '../../../graph/tensor.ts';
import { codedWeights, ternaryCodes } from '../../../graph/ternary.ts';
import { strided } from '../constantMath.ts';
import { elementOf } from '../elements.ts';
import type { FileBuilder } from './fileBuilder.ts';
import { bytesOf, narrowType, packTwoBits } from './packing.ts';

/** How ternary weights are stored. */
export type TernaryStorage = 'int2' | 'int8';

/** A constant in the file's order of axes: seen in a shape, then permuted. */
export function turned(constant: Constant, shape: Shape, permutation: readonly number[]): Constant {
  const strides = stridesOf(shape);
  const to = permutation.map((axis) => shape[axis]!);
  const steps = permutation.map((axis) => strides[axis]!);
  const data = strided(constant.data, constant.dtype, to, steps);
  const { quantization } = constant;
  const own = quantization !== undefined && quantization.scale.length > 1;
  const axis = own ? permutation.indexOf(quantization.axis) : 0;
  const moved = quantization === undefined ? {} : { quantization: { ...quantization, axis } };
  return { ...constant, shape: to, data, ...moved };
}

/** Writes constants, each once, and their scales. */
export class Constants {
  readonly #parameters = new Map<Quantization, [scale: string, zeroPoint: string]>();
  readonly #written = new Map<string, string>();

  constructor(
    readonly file: FileBuilder,
    readonly ternary: TernaryStorage,
  ) {}

  /** Scale and zero point as operands of QuantizeLinear and DequantizeLinear. */
  parameters(
    id: string,
    { dtype, quantization }: Tensor,
    type: 'int2' | 'uint2' | undefined = undefined,
  ): [scale: string, zeroPoint: string] {
    const known = this.#parameters.get(quantization!);
    if (known !== undefined) return known;
    const { scale, zeroPoint } = quantization!;
    const shape = scale.length === 1 ? [] : [scale.length];
    const scaleName = this.file.floats(`${id}/scale`, scale, shape);
    const result: [string, string] = [
      scaleName,
      this.#zeroPoint(id, dtype, type, shape, zeroPoint),
    ];
    this.#parameters.set(quantization!, result);
    return result;
  }

  #zeroPoint(
    id: string,
    dtype: Tensor['dtype'],
    narrow: 'int2' | 'uint2' | undefined,
    shape: Shape,
    zeroPoint: Int32Array,
  ): string {
    // What is left out is 0; a map's stands there all the same, since it says the type.
    const isMap = narrow === undefined && (dtype === 'uint8' || shape.length === 0);
    if (dtype === 'int32' || (!isMap && zeroPoint.every((z) => z === 0))) return '';
    const name = `${id}/zero_point`;
    if (narrow !== undefined)
      return this.file.constant(name, narrow, shape, packTwoBits(zeroPoint));
    const data = dtype === 'uint8' ? Uint8Array.from(zeroPoint) : Int8Array.from(zeroPoint);
    return this.file.constant(name, dtype === 'uint8' ? 'uint8' : 'int8', shape, bytesOf(data));
  }

  /** A constant as it is; the same one twice has one name. */
  plain({ id, dtype, shape, data }: Constant, key = id): string {
    const known = this.#written.get(key);
    if (known !== undefined) return known;
    const name = this.file.constant(key, dtype, shape, bytesOf(data));
    this.#written.set(key, name);
    return name;
  }

  /** Integers and the DequantizeLinear behind them, in 2 bits where they fit. */
  dequantized(constant: Constant, wanted: string): string {
    const { id, dtype, shape, data, quantization } = constant;
    if (quantization!.negativeScale !== undefined) return this.fromTable(constant, wanted);
    const type = this.ternary === 'int2' ? narrowType(constant) : undefined;
    const bytes = type === undefined ? bytesOf(data) : packTwoBits(data as Int8Array);
    const codes = this.file.constant(`${id}/codes`, type ?? dtype, shape, bytes);
    const [scale, zeroPoint] = this.parameters(id, constant, type);
    const inputs = zeroPoint === '' ? [codes, scale] : [codes, scale, zeroPoint];
    const name = this.file.name(wanted);
    const axis = quantization!.scale.length > 1 ? quantization!.axis : undefined;
    this.file.node('DequantizeLinear', name, inputs, [name], { axis });
    return name;
  }

  /** Codes as indices into [-negativeScale, 0, scale]: of one table, or one for each channel. */
  fromTable({ id, shape, data, quantization }: Constant, wanted: string): string {
    const { scale, negativeScale = scale } = quantization!;
    const indices = Uint8Array.from(data as Int8Array, (code) => code + 1);
    const table = Float32Array.from({ length: 3 * scale.length }, (_, i) => {
      const channel = Math.floor(i / 3);
      return [-negativeScale[channel]!, 0, scale[channel]!][i % 3]!;
    });
    const [type, bytes] =
      this.ternary === 'int2'
        ? (['uint2', packTwoBits(indices)] as const)
        : (['uint8', indices] as const);
    const single = scale.length === 1;
    const rows = [shape[0]!, elementCount(shape) / shape[0]!];
    const codes = this.file.constant(`${id}/codes`, type, single ? shape : rows, bytes);
    const index = this.file.name(`${id}/index`);
    const name = this.file.name(wanted);
    this.file.node('Cast', index, [codes], [index], { to: elementOf('int32').code });
    if (single) {
      const values = this.file.floats(`${id}/table`, table);
      this.file.node('Gather', name, [values, index], [name], { axis: 0 });
      return name;
    }
    const values = this.file.floats(`${id}/table`, table, [scale.length, 3]);
    const flat = this.file.name(`${id}/rows`);
    this.file.node('GatherElements', flat, [values, index], [flat], { axis: 1 });
    this.file.node('Reshape', name, [flat, this.file.integers(`${id}/shape`, shape)], [name]);
    return name;
  }
}

/**
 * Real weights [out][...] as codes with scales for the layer where they do, else for each channel;
 * undefined where they are not ternary. Two scales take as much room as two weights.
 */
export function codesOf(weights: Constant): Constant | undefined {
  const { dtype, data, shape, id } = weights;
  if (dtype !== 'float32' || data.length <= 2 * shape[0]!) return undefined;
  const layer = ternaryCodes(data as Float32Array, 1);
  if (layer === undefined) {
    const coded = codedWeights(weights);
    return coded && { ...coded, id };
  }
  const { codes, plus, minus } = layer;
  const scales = perTensor(plus[0]!, 0);
  const quantization =
    plus[0] === minus[0] ? scales : { ...scales, negativeScale: Float32Array.from(minus) };
  return { ...weights, dtype: 'int8', data: codes, quantization };
}
