import { elementCount } from './shape.ts';

/** Element types that tensors have inside; 2-, 4- and 16-bit weights are widened by the importers. */
export type DType = 'float32' | 'int8' | 'uint8' | 'int32' | 'int64' | 'bool';

export type TypedArray = Float32Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;

/** real = scale · (q − zeroPoint), per tensor (length 1) or per index of `axis`. */
export interface Quantization {
  readonly scale: Float32Array;
  /** As long as `scale`, integers in the range of the tensor's dtype. */
  readonly zeroPoint: Int32Array;
  /** The axis of per-channel parameters; 0 where there is one scale. */
  readonly axis: number;
  /**
   * The scale of negative numbers, as long as `scale`, on ternary weights whose two scales differ:
   * int8 codes -1, 0 and 1 of zero point 0 that stand for -negativeScale, 0 and scale.
   */
  readonly negativeScale?: Float32Array;
}

/**
 * A value of the graph. Its identity is the object: nodes refer to tensors by reference.
 * Shapes are fixed; maps are NHWC once the importer is done.
 */
export interface Tensor {
  /** Unique within the graph; the file's own name of it, or its number there. */
  readonly id: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly quantization?: Quantization;
  /** Present on constants only, in C order; int64 as BigInt64Array, bool as Uint8Array. */
  readonly data?: TypedArray;
  /** Rules that depend on it take the numbers as int8: they stand 128 higher here. */
  readonly signed?: true;
  /** Bits an element takes in the file where that is less than the dtype's (int4, uint2, float16). */
  readonly storedBits?: number;
}

export interface Constant extends Tensor {
  readonly data: TypedArray;
}

export const bytesPerElement: Readonly<Record<DType, number>> = {
  float32: 4,
  int8: 1,
  uint8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
};

export function byteLength(tensor: Tensor): number {
  return elementCount(tensor.shape) * bytesPerElement[tensor.dtype];
}

export function isConstant(tensor: Tensor): tensor is Constant {
  return tensor.data !== undefined;
}

/** True for 8-bit tensors that stand for real numbers. */
export function isQuantized(tensor: Tensor): boolean {
  return (tensor.dtype === 'int8' || tensor.dtype === 'uint8') && tensor.quantization !== undefined;
}

export function perTensor(scale: number, zeroPoint: number): Quantization {
  return { scale: Float32Array.of(scale), zeroPoint: Int32Array.of(zeroPoint), axis: 0 };
}

/** A typed array of `length` zeros for elements of `dtype`. */
export function allocate(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'uint8':
    case 'bool':
      return new Uint8Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'int64':
      return new BigInt64Array(length);
  }
}

/** A typed array over existing bytes; `offset` is a multiple of the element's size. */
export function viewOf(
  dtype: DType,
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, offset, length);
    case 'int8':
      return new Int8Array(buffer, offset, length);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer, offset, length);
    case 'int32':
      return new Int32Array(buffer, offset, length);
    case 'int64':
      return new BigInt64Array(buffer, offset, length);
  }
}
