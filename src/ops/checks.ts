import type { Fault } from '../errors.ts';
import type { Pads, Pair } from '../graph/node.ts';
import { formatShape } from '../graph/shape.ts';
import { type DType, isConstant, type Tensor } from '../graph/tensor.ts';

export type Refusal = Omit<Fault, 'where'>;

/** The first of the checks that found something; each is a thunk, so that later ones may rely on earlier ones. */
export function firstOf(...checks: readonly (() => Refusal | undefined)[]): Refusal | undefined {
  for (const check of checks) {
    const refusal = check();
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

const exportAgain = 'correct the model where it was made and export it again';

export function refuse(got: string, expected: string, advice = exportAgain): Refusal {
  return { got, expected, advice };
}

export function checkRank(tensor: Tensor, rank: number, what: string): Refusal | undefined {
  if (tensor.shape.length === rank) return undefined;
  return refuse(`${what} of shape ${formatShape(tensor.shape)}`, `${rank} axes`);
}

export function checkConstant(tensor: Tensor, what: string): Refusal | undefined {
  if (isConstant(tensor)) return undefined;
  return refuse(
    `${what} ${tensor.id} that another node or the caller computes`,
    'a constant',
    'give it a value at load: load(file, { inputs: { name: { value } } })',
  );
}

export function checkType(
  tensor: Tensor,
  dtypes: readonly DType[],
  what: string,
): Refusal | undefined {
  if (dtypes.includes(tensor.dtype)) return undefined;
  return refuse(`${what} of type ${tensor.dtype}`, dtypes.join(' or '));
}

export function checkAxis(axis: number, tensor: Tensor): Refusal | undefined {
  if (Number.isInteger(axis) && axis >= 0 && axis < tensor.shape.length) return undefined;
  return refuse(`axis ${axis}`, `an axis of ${formatShape(tensor.shape)}`);
}

/** What convolutions and windows share. */
export function checkWindow(window: {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
}): Refusal | undefined {
  const { strides, dilations, pads } = window;
  const natural = (n: number): boolean => Number.isInteger(n) && n >= 1 && n < 65536;
  if (!strides.every(natural)) return refuse(`stride ${strides.join('x')}`, '1 or more each way');
  if (!dilations.every(natural)) {
    return refuse(`dilation ${dilations.join('x')}`, '1 or more each way');
  }
  if (!pads.every((n) => Number.isInteger(n) && n >= 0 && n < 65536)) {
    return refuse(`pads ${pads.join(', ')}`, '0 or more on each side');
  }
  return undefined;
}
