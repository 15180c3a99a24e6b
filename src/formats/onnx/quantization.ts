import { formatShape, normalizeAxis, type Shape } from '../../graph/shape.ts';
import type { Quantization } from '../../graph/tensor.ts';
import { type ElementType, elementOf, isFloat } from './elements.ts';
import { fail } from './fault.ts';
import { type ConstantValue, isKnown, type Value } from './value.ts';

const bindAdvice = 'give it a value at load: load(file, { inputs: { name: { value } } })';

/** Scale and zero point as ONNX operators take them: constants, and the zero point may be left out. */
export interface Parameters {
  readonly scale: ConstantValue;
  readonly zeroPoint: ConstantValue | undefined;
}

export function parametersOf(
  where: string,
  scale: Value,
  zeroPoint: Value | undefined,
): Parameters {
  if (!isKnown(scale)) {
    return fail(where, 'a scale that is computed at run time', 'a constant scale', bindAdvice);
  }
  if (zeroPoint !== undefined && !isKnown(zeroPoint)) {
    return fail(where, 'a zero point that is computed at run time', 'a constant', bindAdvice);
  }
  checkScale(where, scale);
  return { scale, zeroPoint };
}

function checkScale(where: string, scale: ConstantValue): void {
  if (!isFloat(scale.type)) fail(where, `a scale of type ${scale.type}`, 'a float');
  const bad = (scale.data as Float32Array).find((s) => !(s > 0 && Number.isFinite(s)));
  if (bad !== undefined) fail(where, `scale ${bad}`, 'a finite scale above 0');
}

/**
 * The quantization of a tensor by one scale, or one for each index of `axis`.
 * @throws ModelError on parameters that do not fit the tensor's type and shape
 */
export function quantizationOf(
  where: string,
  { scale, zeroPoint }: Parameters,
  type: ElementType,
  shape: Shape,
  axis: number,
): Quantization {
  checkZeroPointType(where, zeroPoint, type);
  const positive = normalizeAxis(axis, shape.length);
  const channels = positive === undefined ? 1 : shape[positive]!;
  const count = scale.length;
  if (count !== 1 && (count !== channels || scale.shape.length !== 1)) {
    fail(
      where,
      `scales ${formatShape(scale.shape)} for a tensor ${formatShape(shape)}`,
      `one scale, or one for each index of axis ${axis}`,
    );
  }
  const zeros = zeroPoint?.numbers() ?? [0];
  if (zeros.length !== 1 && zeros.length !== count) {
    fail(where, `${zeros.length} zero points`, `as many as scales, ${count}`);
  }
  return {
    scale: Float32Array.from(scale.data as Float32Array),
    zeroPoint: Int32Array.from({ length: count }, (_, i) => zeros[zeros.length === 1 ? 0 : i]!),
    axis: count === 1 ? 0 : positive!,
  };
}

export function checkZeroPointType(
  where: string,
  zeroPoint: ConstantValue | undefined,
  type: ElementType,
): void {
  if (zeroPoint === undefined || elementOf(zeroPoint.type).dtype === elementOf(type).dtype) return;
  fail(where, `a zero point of type ${zeroPoint.type}`, `${type}, as the tensor has`);
}

export function sameQuantization(a: Quantization | undefined, b: Quantization): boolean {
  return (
    a !== undefined &&
    a.axis === b.axis &&
    a.scale.length === b.scale.length &&
    a.scale.every((scale, i) => scale === b.scale[i]) &&
    a.zeroPoint.every((zeroPoint, i) => zeroPoint === b.zeroPoint[i])
  );
}
