import type { Counts } from '../ops/operator.ts';
import type { Precision } from './costTable.ts';

/** What the model has to know of a layer. Made from a plan (tally.ts) or from a table of a network. */
export interface Layer {
  readonly name: string;
  readonly op: string;
  /** The kernel that runs it here. */
  readonly kernel?: string | undefined;
  readonly product?: Product | undefined;
  /** Operations beside the product, each by its own kind. */
  readonly counts: Counts;
  /** Positive and negative weights have scales of their own: results are made of both sums. */
  readonly hasTwoScales?: boolean | undefined;
  /** What numbers these are done with. */
  readonly arithmetic: 'integer' | 'float';
  /** Bytes of the maps that it reads and writes, each once. */
  readonly moved: Moved;
  /** The same where the layer is fused into its neighbours, as an ideal schedule does. */
  readonly fused: Moved;
  /** Of a layer that is no product: its numbers in the parameter memory. */
  readonly parameterBytes?: number | undefined;
  /** It runs by itself: only `ideal` prices it as fused. */
  readonly standsAlone?: boolean | undefined;
}

export interface Moved {
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** A convolution or matrix product. */
export interface Product {
  readonly precision: Precision;
  readonly macs: Macs;
  /** Pixels (rows), output channels, taps of an output. */
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly groups: number;
  readonly outputs: number;
  /** Bytes of an element of the input. */
  readonly inputElementBytes: number;
  /** Numbers that lie in the parameter memory; 0 where the second factor is a map. */
  readonly weights: number;
  readonly weightBits: number;
  /** Bias and factors of the requantization, bytes. */
  readonly epilogueBytes: number;
  /** Bytes of the second factor where it is a map. */
  readonly factorBytes?: number | undefined;
  /** What the kernel's inner loops load, where that is known. */
  readonly reads?: Reads | undefined;
}

export interface Macs {
  /** Every tap of every output. */
  readonly nominal: number;
  /** Those whose weight is not zero. */
  readonly nonZero: number;
  /** Products that the kernel computes, the padding of its tile included; undefined: not known. */
  readonly executed: number | undefined;
}

/** Bytes. */
export interface Reads {
  readonly weights: number;
  readonly inputs: number;
}

export function weightBytes({ weights, weightBits }: Product): number {
  return Math.ceil((weights * weightBits) / 8);
}

/** Bytes of all parameters of the layers. */
export function parameterBytes(layers: readonly Layer[]): number {
  let bytes = 0;
  for (const layer of layers) bytes += storedBytes(layer);
  return bytes;
}

export function storedBytes({ product, parameterBytes = 0 }: Layer): number {
  return product === undefined ? parameterBytes : weightBytes(product) + product.epilogueBytes;
}
