import type { ProcessNode } from './node.ts';
import { exactly, type Range } from './range.ts';

/** How a figure came here: read in print, read in someone's transcription of it, or remembered. */
export type Standing = 'read' | 'second-hand' | 'from memory' | "the user's";

export interface Source {
  readonly text: string;
  readonly standing: Standing;
}

/** What single operations and accesses cost, in picojoules at one node. */
export interface CostTable {
  readonly name: string;
  /** The node that the figures are of; undefined for a figure that is tied to none. */
  readonly node: ProcessNode | undefined;
  /** One multiply-accumulate. */
  readonly macs: Readonly<Record<MacKind, Range>>;
  readonly integer: OperationCosts;
  readonly float: OperationCosts;
  /** Per access of 64 bits; `undefined`: the MACs' figures have the traffic in them. */
  readonly memory: MemoryCosts | undefined;
  readonly sources: readonly Source[];
}

/** Of the weights. */
export type Precision = 'int8' | 'ternary' | 'float';
/** With ternary weights it is an addition, of an integer or of a real number. */
export type MacKind = Precision | 'ternaryOfReals';

export interface OperationCosts {
  readonly addition: number;
  readonly multiplication: number;
  readonly comparison: number;
  /** Of one output: scale and add the zero point. */
  readonly requantization: number;
}

export interface MemoryCosts {
  /** Rising sizes in bytes; between two the figures are interpolated in logarithms. */
  readonly sram: readonly { readonly bytes: number; readonly pj: number }[];
  readonly dram: Range;
}

const kB = 1024;

const horowitz: CostTable = {
  name: 'horowitz',
  node: { nm: 45, transistors: 'HP', volts: 0.9 },
  macs: {
    // 8-bit multiply 0.2, and the accumulator: 8 bits (0.03) to 32 bits (0.1). High: the flat 1 pJ.
    int8: { low: 0.2 + 0.03, nominal: 0.2 + 0.1, high: 1 },
    // One addition, of 16 or 32 bits.
    ternary: { low: 0.05, nominal: 0.1, high: 0.1 },
    ternaryOfReals: exactly(0.9),
    float: exactly(3.7 + 0.9),
  },
  integer: { addition: 0.1, multiplication: 0.2, comparison: 0.03, requantization: 3.1 + 0.1 },
  float: { addition: 0.9, multiplication: 3.7, comparison: 0.9, requantization: 3.7 + 0.9 },
  memory: {
    sram: [
      { bytes: 8 * kB, pj: 10 },
      { bytes: 32 * kB, pj: 20 },
      { bytes: 1024 * kB, pj: 100 },
    ],
    dram: { low: 1300, nominal: 1300, high: 2600 },
  },
  sources: [
    {
      text: "M. Horowitz, Computing's energy problem (and what we can do about it), ISSCC 2014: 45 nm, 0.9 V",
      standing: 'second-hand',
    },
  ],
};

const jouppi: CostTable = {
  name: 'jouppi',
  node: { nm: 7, transistors: 'HP', volts: 0.7 },
  macs: {
    // High: a bf16 multiply and add, 0.21 + 0.11.
    int8: { low: 0.07 + 0.007, nominal: 0.07 + 0.03, high: 0.21 + 0.11 },
    // The table has no 16-bit addition.
    ternary: exactly(0.03),
    ternaryOfReals: exactly(0.38),
    float: exactly(1.31 + 0.38),
  },
  integer: { addition: 0.03, multiplication: 0.07, comparison: 0.007, requantization: 1.48 + 0.03 },
  float: { addition: 0.38, multiplication: 1.31, comparison: 0.38, requantization: 1.31 + 0.38 },
  memory: {
    sram: [
      { bytes: 8 * kB, pj: 7.5 },
      { bytes: 32 * kB, pj: 8.5 },
      { bytes: 1024 * kB, pj: 14 },
    ],
    // HBM2 250, DDR4 1300.
    dram: { low: 250, nominal: 1300, high: 1300 },
  },
  sources: [
    {
      text: "N. Jouppi et al., Ten Lessons From Three Generations Shaped Google's TPUv4i, ISCA 2021, table 2: 7 nm, arithmetic and SRAM",
      standing: 'second-hand',
    },
    { text: 'the same table, DRAM', standing: 'from memory' },
    {
      text: 'its supply of 0.7 V: assumed, used only to scale to other nodes',
      standing: 'from memory',
    },
  ],
};

const nothing: OperationCosts = {
  addition: 0,
  multiplication: 0,
  comparison: 0,
  requantization: 0,
};
// Low: the arithmetic alone at 45 nm. High: a 32-bit integer MAC there, 3.1 + 0.1.
const flatMac: Range = { low: 0.3, nominal: 1, high: 3.2 };

const flat: CostTable = {
  name: 'flat',
  node: undefined,
  macs: { int8: flatMac, ternary: flatMac, ternaryOfReals: flatMac, float: flatMac },
  integer: nothing,
  float: nothing,
  memory: undefined,
  sources: [
    {
      text: '1 pJ per MAC, the share of memory traffic in it: the metric of the sub-million-MAC networks (MicroBotNet)',
      standing: 'read',
    },
  ],
};

export const costTables = { horowitz, jouppi, flat } as const satisfies Record<string, CostTable>;
export type TableName = keyof typeof costTables;

export function isTableName(name: string): name is TableName {
  return Object.hasOwn(costTables, name);
}
