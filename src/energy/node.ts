import { RunError } from '../errors.ts';

/** A process node as the scaling equations know it. */
export interface ProcessNode {
  /** Feature size in nanometres. */
  readonly nm: number;
  /** High performance or low power transistors; nodes of 65 nm and above have one row for both. */
  readonly transistors: 'HP' | 'LP';
  readonly volts: number;
}

interface Row {
  readonly nm: number;
  readonly transistors: 'HP' | 'LP' | undefined;
  /** e(V) = a2 V² + a1 V + a0, the relative energy of an operation. */
  readonly fit: readonly [a2: number, a1: number, a0: number];
  /** The supply taken where none is given; a choice, not the paper's. */
  readonly volts: number;
}

/**
 * Stillmaker and Baas, Scaling equations for the accurate prediction of CMOS device performance from
 * 180 nm to 7 nm, Integration 58, 2017. Second-hand: two public transcriptions agree on the rows that
 * they share. The 180 nm row is left out: in the transcription it has no quadratic term.
 */
const rows: readonly Row[] = [
  row(90, undefined, [4.762, -4.781, 2.092], 1.2),
  row(65, undefined, [3.755, -4.398, 1.975], 1.1),
  row(45, 'HP', [1.018, -0.3107, 0.1539], 0.9),
  row(45, 'LP', [1.103, -0.362, 0.2767], 0.9),
  row(32, 'HP', [0.8367, -0.4341, 0.1701], 0.9),
  row(32, 'LP', [0.9559, -0.7823, 0.471], 0.9),
  row(20, 'HP', [0.373, -0.1582, 0.04104], 0.9),
  row(20, 'LP', [0.2632, -0.14, 0.06841], 0.9),
  row(16, 'HP', [0.2958, -0.1241, 0.03024], 0.8),
  row(16, 'LP', [0.2139, -0.1187, 0.05639], 0.8),
  row(14, 'HP', [0.2363, -0.09675, 0.02239], 0.8),
  row(14, 'LP', [0.1556, -0.06472, 0.03066], 0.8),
  row(10, 'HP', [0.2068, -0.09311, 0.02375], 0.75),
  row(10, 'LP', [0.1261, -0.0518, 0.02769], 0.75),
  row(7, 'HP', [0.1776, -0.09097, 0.02447], 0.7),
  row(7, 'LP', [0.09365, -0.03409, 0.02043], 0.7),
];

function row(nm: number, transistors: Row['transistors'], fit: Row['fit'], volts: number): Row {
  return { nm, transistors, fit, volts };
}

/** The fits describe each node's usable supplies, from here to a little above the usual one. */
const lowestVolts = 0.5;
const mostAboveUsual = 1.2;

const sizes = [...new Set(rows.map(({ nm }) => nm))];

function rowOf({ nm, transistors }: Pick<ProcessNode, 'nm' | 'transistors'>): Row | undefined {
  return rows.find((r) => r.nm === nm && (r.transistors ?? transistors) === transistors);
}

/**
 * A node from words such as '45nm', '7 nm', 'LP16nm' or '14nm@0.75V'; high performance unless LP is
 * said, at the usual supply unless one is given.
 * @throws RunError where the node is none of the table's, or the supply not one that it runs at
 */
export function parseNode(text: string): ProcessNode {
  const parts = /^\s*(hp|lp)?\s*(\d+)\s*nm\s*(?:@\s*(\d*\.?\d+)\s*V)?\s*$/i.exec(text);
  const nm = Number(parts?.[2]);
  const transistors = parts?.[1]?.toUpperCase() === 'LP' ? 'LP' : 'HP';
  const found = parts === null ? undefined : rowOf({ nm, transistors });
  if (found === undefined) {
    throw new RunError({
      where: 'node',
      got: JSON.stringify(text),
      expected: `one of ${sizes.map((size) => `${size}nm`).join(', ')}, with LP before it or a supply such as @0.8V behind it`,
      advice: 'take the nearest one: between them the scaling equations have no figures',
    });
  }
  const volts = parts?.[3] === undefined ? found.volts : Number(parts[3]);
  const most = mostAboveUsual * found.volts;
  if (volts >= lowestVolts && volts <= most) return { nm, transistors, volts };
  throw new RunError({
    where: 'node',
    got: `a supply of ${volts} V at ${nm} nm`,
    expected: `${lowestVolts} to ${most.toFixed(2)} V`,
    advice: 'outside of it the fitted equations do not hold',
  });
}

/**
 * By what the energy of an operation is multiplied from one node to another. The fits are of small
 * circuits of gates: optimistic for arithmetic, wrong for wires, and never meant for DRAM.
 */
export function scaleEnergy(from: ProcessNode, to: ProcessNode): number {
  return relativeEnergy(to) / relativeEnergy(from);
}

function relativeEnergy(node: ProcessNode): number {
  const [a2, a1, a0] = rowOf(node)!.fit;
  return (a2 * node.volts + a1) * node.volts + a0;
}

export function isSameNode(a: ProcessNode, b: ProcessNode): boolean {
  return a.nm === b.nm && a.transistors === b.transistors && a.volts === b.volts;
}

export function describeNode({ nm, transistors, volts }: ProcessNode): string {
  const kind = nm > 45 ? '' : ` ${transistors}`;
  return `${nm} nm${kind}, ${volts} V`;
}
