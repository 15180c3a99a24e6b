import { noClamp } from '../../graph/node.ts';
import { elementCount, formatShape, type Shape, stridesOf } from '../../graph/shape.ts';
import { allocate, perTensor, type Tensor } from '../../graph/tensor.ts';
import { elementsOf, fromNumbers } from './constantMath.ts';
import {
  type ElementType,
  elementName,
  elementOf,
  elementType,
  roundHalfToEven,
} from './elements.ts';
import { float32, type NodeImport } from './nodeImport.ts';
import {
  checkZeroPointType,
  type Parameters,
  parametersOf,
  quantizationOf,
} from './quantization.ts';
import { ConstantValue, isKnown } from './value.ts';

/** Parameters of each element: one, one per index of an axis, or one per block along it. */
interface Layout {
  readonly parameters: Parameters;
  readonly axis: number;
  /** 0: not in blocks. */
  readonly block: number;
}

function layoutOf(c: NodeImport, shape: Shape): Layout {
  const parameters = parametersOf(c.name, c.value(1), c.optional(2));
  const stated = c.attributes.int('axis', 1);
  const block = c.attributes.int('block_size', 0);
  const blocked = block > 0 || parameters.scale.shape.length > 1;
  const single = parameters.scale.length === 1 && !blocked;
  const axis = single ? 0 : c.axis(stated, shape.length);
  if (!blocked) return { parameters, axis, block: 0 };
  const { scale, zeroPoint } = parameters;
  const size = shape[axis]!;
  const length = block > 0 ? block : Math.ceil(size / scale.shape[axis]!);
  const expected = shape.map((n, i) => (i === axis ? Math.ceil(n / length) : n));
  for (const value of zeroPoint === undefined ? [scale] : [scale, zeroPoint]) {
    if (value.shape.join() === expected.join()) continue;
    c.fail(
      `scales or zero points ${formatShape(value.shape)} in blocks of ${length}`,
      formatShape(expected),
    );
  }
  return { parameters, axis, block: length };
}

/** For each element of a blocked tensor the index of its scale. */
function blockIndices(shape: Shape, { axis, block }: Layout): Int32Array {
  const inner = elementCount(shape.slice(axis + 1));
  const size = shape[axis]!;
  const blocks = Math.ceil(size / block);
  return Int32Array.from({ length: elementCount(shape) }, (_, i) => {
    const outer = Math.floor(i / (size * inner));
    const along = Math.floor(i / inner) % size;
    return (outer * blocks + Math.floor(along / block)) * inner + (i % inner);
  });
}

/** For each element the index of its scale. */
function indicesOf(shape: Shape, layout: Layout): (i: number) => number {
  const { parameters, axis, block } = layout;
  if (block > 0) {
    const indices = blockIndices(shape, layout);
    return (i) => indices[i]!;
  }
  if (parameters.scale.length === 1) return () => 0;
  const stride = stridesOf(shape)[axis]!;
  return (i) => Math.floor(i / stride) % shape[axis]!;
}

function outputType(c: NodeImport, { zeroPoint }: Parameters): ElementType {
  const code = c.attributes.int('output_dtype', 0);
  c.attributes.ignore('saturate', 'precision');
  if (zeroPoint !== undefined) return zeroPoint.type;
  if (code === 0) return 'uint8';
  return elementType(code) ?? c.fail(`output_dtype ${elementName(code)}`, 'an integer type');
}

export function importQuantizeLinear(c: NodeImport): void {
  const value = c.value(0);
  const layout = layoutOf(c, value.shape);
  const type = outputType(c, layout.parameters);
  if (isKnown(value)) {
    if (layout.block === 0) {
      quantizationOf(c.name, layout.parameters, type, value.shape, layout.axis);
    }
    c.fold(quantized(c, value, layout, type));
    return;
  }
  const { dtype, bits, min, max } = elementOf(type);
  if (dtype !== 'int8' && dtype !== 'uint8') {
    c.fail(`an output of ${type}`, 'int8 or uint8', 'quantize activations to 8 bits');
  }
  const input = value.dtype === 'float32' ? value : c.emit('Cast', [value], {}, float32);
  if (layout.block > 0) {
    c.output(quantizeBlocks(c, input, layout, type));
    return;
  }
  const quantization = quantizationOf(c.name, layout.parameters, type, value.shape, layout.axis);
  const id = c.outputId();
  if (bits === 8) {
    c.output(c.emit('Quantize', [input], {}, { dtype, quantization }, id));
    return;
  }
  // Fewer bits: 8-bit numbers, cut to the range that the narrow type has.
  const wide = c.emit('Quantize', [input], {}, { dtype, quantization });
  const plain = c.reinterpret(wide, perTensor(1, 0));
  const narrow = c.emit('Clip', [plain], { alpha: min, beta: max }, plain);
  const { shape } = narrow;
  c.output(c.emit('Reshape', [narrow], { shape }, { dtype, quantization }, id));
}

/** x over its block's scale, to whole numbers, plus the block's zero point. */
function quantizeBlocks(c: NodeImport, input: Tensor, layout: Layout, type: ElementType): Tensor {
  const { dtype, min, max } = elementOf(type);
  const { scale, zeroPoint } = layout.parameters;
  checkZeroPointType(c.name, zeroPoint, type);
  const scales = c.tensorOf(spread(c, scale, input.shape, layout));
  let steps = c.emit('Div', [input, scales], noClamp, float32);
  if (zeroPoint !== undefined) {
    // Beyond 512 every sum with a zero point saturates. Adding 1.5 * 2^23 to less rounds halves to
    // even, since float32 has no fraction there.
    steps = c.emit('Clip', [steps], { alpha: -512, beta: 512 }, float32);
    const large = c.tensorOf(fromNumbers(`${c.name}:round`, 'float32', [], [1.5 * 2 ** 23]));
    steps = c.emit('Add', [steps, large], noClamp, float32);
    steps = c.emit('Sub', [steps, large], noClamp, float32);
    const zeros = c.tensorOf(spread(c, zeroPoint, input.shape, layout));
    steps = c.emit('Add', [steps, zeros], noClamp, float32);
  }
  const bounded = c.emit('Clip', [steps], { alpha: min, beta: max }, float32);
  const kind = { dtype, quantization: perTensor(1, 0) };
  return c.emit('Quantize', [bounded], {}, kind, c.outputId());
}

/** A parameter of blocks as one float for each element. */
function spread(c: NodeImport, value: ConstantValue, shape: Shape, layout: Layout): ConstantValue {
  c.scope.spend(c.name, elementCount(shape));
  const numbers = value.numbers();
  const index = indicesOf(shape, layout);
  const all = Float32Array.from({ length: elementCount(shape) }, (_, i) => numbers[index(i)]!);
  return fromNumbers(value.name, 'float32', shape, all);
}

function quantized(
  c: NodeImport,
  value: ConstantValue,
  layout: Layout,
  type: ElementType,
): ConstantValue {
  const { dtype, min, max } = elementOf(type);
  const { scale, zeroPoint } = layout.parameters;
  if (dtype === 'float32' || dtype === 'int64' || dtype === 'bool') {
    c.fail(`an output of ${type}`, 'an integer type of 2 to 32 bits');
  }
  const index = indicesOf(value.shape, layout);
  const from = elementsOf(value.data);
  const data = allocate(dtype, value.length);
  const to = elementsOf(data);
  const scales = scale.data as Float32Array;
  const zeros = zeroPoint?.numbers() ?? [0];
  for (let i = 0; i < value.length; i++) {
    const at = index(i);
    const steps = roundHalfToEven(Math.fround(Number(from[i]) / scales[at]!));
    const q = steps + zeros[zeros.length === 1 ? 0 : at]!;
    to[i] = Number.isNaN(q) ? 0 : Math.min(Math.max(q, min), max);
  }
  return new ConstantValue(c.outputId(), type, value.shape, data);
}

export function importDequantizeLinear(c: NodeImport): void {
  const value = c.value(0);
  const layout = layoutOf(c, value.shape);
  c.attributes.ignore('output_dtype');
  const { parameters, axis, block } = layout;
  if (isKnown(value)) {
    c.fold(dequantized(c, value, layout));
    return;
  }
  if (block > 0) {
    c.output(dequantizeBlocks(c, value, layout));
    return;
  }
  const quantization = quantizationOf(c.name, parameters, value.dtype, value.shape, axis);
  const input = c.reinterpret(value, quantization);
  c.output(c.emit('Dequantize', [input], {}, float32, c.outputId()));
}

/** (q − zero point) times the scale, each an operand of its own. */
function dequantizeBlocks(c: NodeImport, value: Tensor, layout: Layout): Tensor {
  const { scale, zeroPoint } = layout.parameters;
  checkZeroPointType(c.name, zeroPoint, value.dtype);
  const plain = c.reinterpret(value, perTensor(1, 0));
  const numbers = c.emit('Dequantize', [plain], {}, float32);
  const centred =
    zeroPoint === undefined
      ? numbers
      : c.emit(
          'Sub',
          [numbers, c.tensorOf(spread(c, zeroPoint, value.shape, layout))],
          noClamp,
          float32,
        );
  const scales = c.tensorOf(spread(c, scale, value.shape, layout));
  return c.emit('Mul', [centred, scales], noClamp, float32, c.outputId());
}

function dequantized(c: NodeImport, value: ConstantValue, layout: Layout): ConstantValue {
  const { parameters, axis, block } = layout;
  const { scale, zeroPoint } = parameters;
  checkZeroPointType(c.name, zeroPoint, value.type);
  if (value.dtype === 'float32' || value.dtype === 'int64' || value.dtype === 'bool') {
    c.fail(`an input of ${value.type}`, 'integers of 2 to 32 bits');
  }
  const source =
    block > 0
      ? undefined
      : {
          integers: value,
          quantization: quantizationOf(c.name, parameters, value.type, value.shape, axis),
        };
  const data = (): Float32Array => {
    const index = indicesOf(value.shape, layout);
    const from = value.data as Int32Array;
    const scales = scale.data as Float32Array;
    const zeros = zeroPoint?.numbers() ?? [0];
    return Float32Array.from({ length: value.length }, (_, i) => {
      const at = index(i);
      return Math.fround(from[i]! - zeros[zeros.length === 1 ? 0 : at]!) * scales[at]!;
    });
  };
  return new ConstantValue(c.outputId(), 'float32', value.shape, data, source);
}

/** Outputs: the uint8 tensor, its scale, its zero point. */
export function importDynamicQuantizeLinear(c: NodeImport): void {
  const outputs = (['uint8', 'float32', 'uint8'] as const).map((dtype, i) => ({
    id: c.outputId(i) === '' ? `${c.outputId()}:${i}` : c.outputId(i),
    dtype,
  }));
  const results = c.emitAll('DynamicQuantize', [c.tensor(0)], {}, outputs);
  for (const [i, result] of results.entries()) c.output(result, i);
}
