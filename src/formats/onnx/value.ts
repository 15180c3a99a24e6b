import { elementCount, type Shape } from '../../graph/shape.ts';
import type { DType, Quantization, Tensor, TypedArray } from '../../graph/tensor.ts';
import { type ElementType, elementOf, narrowBits } from './elements.ts';

/** Integers that a constant float tensor was dequantized from. */
export interface QuantizedSource {
  readonly integers: ConstantValue;
  readonly quantization: Quantization;
}

/**
 * A value that is known while the file is read. Its data may be made on demand: dequantized weights
 * mostly go on as the integers that they come from.
 */
export class ConstantValue {
  #data: TypedArray | (() => TypedArray);

  constructor(
    readonly name: string,
    readonly type: ElementType,
    readonly shape: Shape,
    data: TypedArray | (() => TypedArray),
    readonly source?: QuantizedSource,
    /** Bits an element takes in the file, where that is less than inside. */
    readonly storedBits = narrowBits(type),
  ) {
    this.#data = data;
  }

  get data(): TypedArray {
    if (typeof this.#data === 'function') this.#data = this.#data();
    return this.#data;
  }

  get dtype(): DType {
    return elementOf(this.type).dtype;
  }

  get length(): number {
    return elementCount(this.shape);
  }

  /** The elements as numbers; int64 beyond 2^53 lose their last digits. */
  numbers(): number[] {
    return Array.from(this.data as ArrayLike<number | bigint>, Number);
  }
}

/** What a name of the file stands for: known already, or computed by the graph. */
export type Value = ConstantValue | Tensor;

export function isKnown(value: Value | undefined): value is ConstantValue {
  return value instanceof ConstantValue;
}
