import { elementCount } from '../graph/shape.ts';
import type { BinaryF32Work, BinaryU8Work, CopyWork, MatMulF32Work } from '../graph/work.ts';
import { type Axis, axesOf } from '../kernels/strides.ts';
import { lineBytes } from './align.ts';
import { ranges, type Share } from './share.ts';

/** By ranges of the outermost axis, once those are merged across which both operands step evenly. */
export function splitBinary(work: BinaryU8Work | BinaryF32Work, parts: number): Share[] {
  const bytes = work.family === 'binaryF32' ? 4 : 1;
  const [outer, ...inner] = axesOf(
    work.shape.map((size, i) => ({ size, first: work.aStrides[i]!, second: work.bStrides[i]! })),
  );
  if (outer === undefined) return [];
  const row = elementCount(inner.map(({ size }) => size));
  const unit = inner.length === 0 ? lineBytes / bytes : 1;
  return ranges(outer.size, parts, unit).map(({ first, count }) => {
    const axes: readonly Axis[] = [{ ...outer, size: count }, ...inner];
    return {
      work: {
        ...work,
        shape: axes.map(({ size }) => size),
        aStrides: axes.map((axis) => axis.first),
        bStrides: axes.map((axis) => axis.second),
      },
      inputOffsets: [first * outer.first * bytes, first * outer.second * bytes],
      outputOffsets: [first * row * bytes],
      packsAlike: false,
    };
  });
}

/** By ranges of the axis along which the output steps furthest. */
export function splitCopy(work: CopyWork, parts: number): Share[] {
  const axes = work.shape
    .map((size, i) => ({ size, first: work.inputStrides[i]!, second: work.outputStrides[i]! }))
    .sort((a, b) => Math.abs(b.second) - Math.abs(a.second));
  const [outer, ...inner] = axesOf(axes);
  if (outer === undefined) return [];
  const unit = inner.length === 0 ? lineBytes / work.elementBytes : 1;
  return ranges(outer.size, parts, unit).map(({ first, count }) => {
    const part: readonly Axis[] = [{ ...outer, size: count }, ...inner];
    return {
      work: {
        ...work,
        shape: part.map(({ size }) => size),
        inputStrides: part.map((axis) => axis.first),
        outputStrides: part.map((axis) => axis.second),
        inputOffset: work.inputOffset + first * outer.first,
        outputOffset: work.outputOffset + first * outer.second,
      },
      inputOffsets: [],
      outputOffsets: [],
      packsAlike: false,
    };
  });
}

/** By products of the batch, or by rows where there is one product. */
export function splitMatMul(work: MatMulF32Work, parts: number): Share[] {
  const { shape, aStrides, bStrides, m, n, k } = work;
  if (elementCount(shape) === 1) {
    return ranges(m, parts).map(({ first, count }) => ({
      work: { ...work, m: count },
      inputOffsets: [4 * first * k, 0],
      outputOffsets: [4 * first * n],
      packsAlike: true,
    }));
  }
  const axis = shape.findIndex((size) => size > 1);
  const rest = elementCount(shape.slice(axis + 1));
  return ranges(shape[axis] ?? 0, parts).map(({ first, count }) => ({
    work: { ...work, shape: shape.with(axis, count) },
    inputOffsets: [4 * first * aStrides[axis]!, 4 * first * bStrides[axis]!],
    outputOffsets: [4 * first * rest * m * n],
    packsAlike: false,
  }));
}
