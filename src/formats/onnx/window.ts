import type { Pads, Pair } from '../../graph/node.ts';
import type { NodeImport } from './nodeImport.ts';

/** Geometry of a convolution or pool; maps of one dimension are one high. */
export interface Window {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
  /** The padding comes from auto_pad, so the output's size rounds up by itself. */
  readonly automatic: boolean;
}

/** An attribute with a number for each spatial axis. */
export function pairOf(c: NodeImport, name: string, rank: number): Pair | undefined {
  const ints = c.attributes.ints(name);
  if (ints === undefined) return undefined;
  if (ints.length !== rank - 2) {
    c.fail(`${name} ${ints.join(', ')}`, `${rank - 2} numbers, one for each spatial axis`);
  }
  return rank === 3 ? [1, ints[0]!] : [ints[0]!, ints[1]!];
}

/** Padding in the order of the file: all beginnings, then all ends. */
export function padsOf(c: NodeImport, rank: number): Pads | undefined {
  const pads = c.attributes.ints('pads');
  if (pads === undefined) return undefined;
  if (pads.length !== 2 * (rank - 2)) {
    c.fail(`pads ${pads.join(', ')}`, `${2 * (rank - 2)} numbers, two for each spatial axis`);
  }
  return rank === 3 ? [0, pads[0]!, 0, pads[1]!] : [pads[0]!, pads[1]!, pads[2]!, pads[3]!];
}

export function autoPad(c: NodeImport) {
  const choices = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'] as const;
  return c.attributes.choice('auto_pad', choices, 'NOTSET');
}

/** The window of a node over a map `size` with a kernel that is not dilated yet. */
export function windowOf(c: NodeImport, rank: number, kernel: Pair, size: Pair): Window {
  const strides = pairOf(c, 'strides', rank) ?? [1, 1];
  const dilations = pairOf(c, 'dilations', rank) ?? [1, 1];
  const pads = padsOf(c, rank);
  const mode = autoPad(c);
  const given = { strides, dilations };
  if (mode === 'NOTSET') return { ...given, pads: pads ?? [0, 0, 0, 0], automatic: false };
  if (pads?.some((pad) => pad !== 0)) c.fail(`pads beside auto_pad ${mode}`, 'one of the two');
  if (mode === 'VALID') return { ...given, pads: [0, 0, 0, 0], automatic: false };
  const total = ([0, 1] as const).map((axis) => {
    const extent = (kernel[axis] - 1) * dilations[axis] + 1;
    const outputs = Math.ceil(size[axis] / strides[axis]);
    return Math.max(0, (outputs - 1) * strides[axis] + extent - size[axis]);
  });
  return { ...given, pads: splitPads([total[0]!, total[1]!], mode), automatic: true };
}

/** SAME_UPPER puts the odd cell at the end, SAME_LOWER at the beginning. */
export function splitPads([y, x]: Pair, mode: 'SAME_UPPER' | 'SAME_LOWER'): Pads {
  const begin = (total: number): number =>
    mode === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
  return [begin(y), begin(x), y - begin(y), x - begin(x)];
}
