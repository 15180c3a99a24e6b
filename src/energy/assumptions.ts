import { RunError } from '../errors.ts';
import { type CostTable, costTables, isTableName, type TableName } from './costTable.ts';
import {
  describeMemory,
  type MemoryOption,
  type Needs,
  parseMemory,
  type Scaling,
} from './memory.ts';
import { describeNode, isSameNode, type ProcessNode, parseNode, scaleEnergy } from './node.ts';
import type { Assumptions as Arithmetic } from './price.ts';
import { exactly } from './range.ts';
import { type Reuse, reuseModels } from './traffic.ts';
import { readTable } from './userTable.ts';

export interface EnergyOptions {
  /** Such as '45nm', 'LP16nm' or '14nm@0.75V'; the table's own node unless given. */
  readonly node?: string | undefined;
  /**
   * Operation costs: 'horowitz' (45 nm, unless given), 'jouppi' (7 nm), 'flat' (1 pJ a MAC), or a
   * table of your own as in docs/energy-model.md.
   */
  readonly table?: TableName | object | undefined;
  /** 'auto' (unless given), 'sram:32KB', 'dram' or 'eyeriss'. */
  readonly memory?: string | undefined;
  /** 'ideal' (unless given), 'none' or 'tiled'. */
  readonly reuse?: Reuse | undefined;
  /** Whether ternary weights of zero cost nothing ('skipped', unless given) or as much as others. */
  readonly zeros?: 'skipped' | 'added' | undefined;
  /** The share of right answers: the report then has the energy of one. */
  readonly accuracy?: number | undefined;
}

/** The options, checked and worked out. */
export interface Assumptions extends Arithmetic {
  readonly node: ProcessNode | undefined;
  readonly memory: MemoryOption;
  readonly reuse: Reuse;
}

/** @throws RunError on an option that makes no sense */
export function resolve(options: EnergyOptions): Assumptions {
  const { reuse = 'ideal', zeros = 'skipped', memory } = options;
  checkChoice('reuse', reuse, reuseModels);
  checkChoice('zeros', zeros, ['skipped', 'added']);
  const table = tableOf(options.table ?? 'horowitz');
  const node = options.node === undefined ? table.node : parseNode(options.node);
  if (table.node === undefined && options.node !== undefined) {
    throw new RunError({
      where: 'node',
      got: `a node with the table "${table.name}"`,
      expected: 'none: its figure belongs to no node',
      advice: 'leave the node out, or take another table',
    });
  }
  if (table.memory === undefined && memory !== undefined && memory !== 'auto') {
    throw new RunError({
      where: 'memory',
      got: `${JSON.stringify(memory)} with the table "${table.name}"`,
      expected: 'no memory: the traffic is in the figure of a MAC already',
      advice: 'leave the memory out, or take another table',
    });
  }
  return {
    table,
    node,
    scaling: scalingOf(table.node, node),
    memory: parseMemory(memory ?? 'auto'),
    reuse,
    skipsZeros: zeros === 'skipped',
  };
}

function tableOf(table: TableName | object): CostTable {
  if (typeof table === 'object') return readTable(table);
  if (isTableName(table)) return costTables[table];
  throw new RunError({
    where: 'table',
    got: JSON.stringify(table),
    expected: `${Object.keys(costTables).join(', ')}, or a table of your own`,
    advice: 'docs/energy-model.md says what a table of your own holds',
  });
}

function checkChoice(where: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new RunError({
    where,
    got: JSON.stringify(value),
    expected: choices.join(', '),
    advice: 'take one of these',
  });
}

/**
 * Arithmetic: low as if the table were of low power transistors. SRAM is wires as much as gates, so
 * that the fits promise too much: its bounds reach to no scaling at all.
 */
function scalingOf(from: ProcessNode | undefined, to: ProcessNode | undefined): Scaling {
  if (from === undefined || to === undefined || isSameNode(from, to)) {
    return { arithmetic: exactly(1), sram: exactly(1) };
  }
  const nominal = scaleEnergy(from, to);
  const other = scaleEnergy({ ...from, transistors: from.transistors === 'HP' ? 'LP' : 'HP' }, to);
  return {
    arithmetic: { low: Math.min(nominal, other), nominal, high: Math.max(nominal, other) },
    sram: { low: Math.min(nominal, 1), nominal, high: Math.max(nominal, 1) },
  };
}

export function describeAssumptions(assumptions: Assumptions, needs: Needs) {
  const { node, table, memory, scaling, reuse, skipsZeros } = assumptions;
  return {
    node: node === undefined ? 'none' : describeNode(node),
    table: table.name,
    memory: describeMemory(memory, table, needs, scaling),
    reuse,
    zeros: skipsZeros ? ('skipped' as const) : ('added' as const),
  };
}
