import type { Clamp } from '../graph/node.ts';
import { isQuantized, type Tensor } from '../graph/tensor.ts';
import type { QuantizedOperand, QuantizedResult } from '../graph/work.ts';
import { clamp, quantizeReal } from './float32.ts';

/** The one scale and zero point of a tensor; plain integers stand for themselves. */
export function operandOf({ quantization }: Tensor): QuantizedOperand {
  if (quantization === undefined) return { scale: 1, zeroPoint: 0 };
  return { scale: quantization.scale[0]!, zeroPoint: quantization.zeroPoint[0]! };
}

/** The parameters of an 8-bit output and the stored numbers that its bounds on the real result are. */
export function resultOf(tensor: Tensor, { min, max }: Clamp): QuantizedResult {
  const { scale, zeroPoint } = operandOf(tensor);
  const bound = (real: number, infinite: number): number =>
    Number.isFinite(real) ? clamp(quantizeReal(real, scale, zeroPoint), 0, 255) : infinite;
  return { scale, zeroPoint, min: bound(min, 0), max: bound(max, 255) };
}

export function isPerTensor(tensor: Tensor): boolean {
  return tensor.quantization?.scale.length === 1;
}

/** True for a uint8 map with one scale: what the integer kernels take. */
export function isMapU8(tensor: Tensor): boolean {
  return tensor.dtype === 'uint8' && isQuantized(tensor) && isPerTensor(tensor);
}

export function sameQuantization(a: Tensor, b: Tensor): boolean {
  const p = a.quantization;
  const q = b.quantization;
  if (p === undefined || q === undefined) return p === q && a.dtype === b.dtype;
  return (
    a.dtype === b.dtype &&
    p.axis === q.axis &&
    p.scale.length === q.scale.length &&
    p.scale.every((scale, i) => scale === q.scale[i]) &&
    p.zeroPoint.every((zeroPoint, i) => zeroPoint === q.zeroPoint[i])
  );
}
