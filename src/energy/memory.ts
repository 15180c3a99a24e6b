import { RunError } from '../errors.ts';
import type { CostTable, MemoryCosts } from './costTable.ts';
import type { Bound, Range } from './range.ts';
import { largestSram, roundUpSram, smallestSram, sramPj } from './sram.ts';
import type { Levels } from './traffic.ts';

/**
 * Where parameters and maps lie. auto: two SRAMs, as large as each need to be; more than 1 MB lies in
 * DRAM. eyeriss: the same places, priced by ratios to a MAC.
 */
export type MemoryOption =
  | { readonly kind: 'auto' | 'dram' | 'eyeriss' }
  | { readonly kind: 'sram'; readonly bytes: number };

/** The largest SRAM that is priced when it is asked for. */
const mostSram = 64 * largestSram;
const units: Readonly<Record<string, number>> = { '': 1, B: 1, K: 2 ** 10, M: 2 ** 20 };

/**
 * 'auto', 'dram', 'eyeriss', or 'sram:' and a size such as 32KB, of 1024 bytes each.
 * @throws RunError on anything else, and on a size that is no SRAM's
 */
export function parseMemory(text: string): MemoryOption {
  if (text === 'auto' || text === 'dram' || text === 'eyeriss') return { kind: text };
  const parts = /^sram:\s*(\d*\.?\d+)\s*([KM]?)i?B?$/i.exec(text);
  const bytes = parts === null ? Number.NaN : Number(parts[1]) * units[parts[2]!.toUpperCase()]!;
  if (bytes >= 1024 && bytes <= mostSram) return { kind: 'sram', bytes };
  throw new RunError({
    where: 'memory',
    got: JSON.stringify(text),
    expected: 'auto, dram, eyeriss, or sram: and a size from 1KB to 64MB',
    advice: 'write it as in sram:32KB',
  });
}

/** What the model needs room for, bytes. */
export interface Needs {
  readonly parameterBytes: number;
  readonly activationBytes: number;
}

/** By what the table's figures are multiplied at the node that is asked for. */
export interface Scaling {
  readonly arithmetic: Range;
  readonly sram: Range;
}

/** Picojoules a byte. */
export interface MemoryPrices {
  readonly weights: Prices;
  /** @param layerBytes of the input and the output of the layer */
  readonly maps: (layerBytes: number) => Prices;
}

export type Prices = Levels;

/** Ratios to the energy of a MAC, by word: Chen, Emer, Sze, ISCA 2016 (from memory), 65 nm. */
const eyeriss = { dram: 200, buffer: 6, registers: 1, wordBytes: 2 };
const firstLevelBytes = 32 * 1024;
/** A word of the tables. */
const accessBytes = 8;

export function memoryPrices(
  option: MemoryOption,
  table: CostTable,
  needs: Needs,
  scaling: Scaling,
  bound: Bound,
): MemoryPrices {
  const { memory } = table;
  const place = (bytes: number): Prices =>
    option.kind === 'eyeriss'
      ? ratios(table, scaling, bound, isLarge(bytes))
      : memory === undefined
        ? { home: 0, firstLevel: 0, registers: 0 }
        : accesses(option, memory, scaling, bound, bytes);
  const maps = place(Math.min(needs.activationBytes, largestSram));
  const spilled = place(largestSram + 1);
  return {
    weights: place(needs.parameterBytes),
    maps: (layerBytes) => (isLarge(layerBytes) ? spilled : maps),
  };
}

function isLarge(bytes: number): boolean {
  return bytes > largestSram;
}

function accesses(
  option: MemoryOption,
  memory: MemoryCosts,
  scaling: Scaling,
  bound: Bound,
  bytes: number,
): Prices {
  const size = homeSize(option, bytes, bound);
  const sram = (sized: number): number =>
    (sramPj(memory, sized) * scaling.sram[bound]) / accessBytes;
  return {
    // DRAM does not follow the node: its energy is in wires and pins.
    home: size === 'dram' ? memory.dram[bound] / accessBytes : sram(size),
    firstLevel: sram(firstLevelBytes),
    registers: 0,
  };
}

function homeSize(option: MemoryOption, bytes: number, bound: Bound): number | 'dram' {
  if (option.kind === 'sram') return option.bytes;
  if (option.kind === 'dram' || isLarge(bytes)) return 'dram';
  if (bound === 'low') return Math.max(smallestSram, bytes);
  return bound === 'high' ? largestSram : roundUpSram(bytes);
}

function ratios(table: CostTable, { arithmetic }: Scaling, bound: Bound, isDram: boolean): Prices {
  const unscaled = table.macs.int8[bound] / eyeriss.wordBytes;
  const mac = unscaled * arithmetic[bound];
  return {
    home: isDram ? eyeriss.dram * unscaled : eyeriss.buffer * mac,
    firstLevel: eyeriss.buffer * mac,
    registers: eyeriss.registers * mac,
  };
}

/** The memories in words, with their nominal prices. */
export function describeMemory(
  option: MemoryOption,
  table: CostTable,
  needs: Needs,
  { sram }: Scaling,
): string {
  if (table.memory === undefined) return "in the MAC's figure";
  const { memory } = table;
  const price = (pj: number): string => `${Number(pj.toPrecision(4))} pJ per 64 bit`;
  const place = (bytes: number): string => {
    const size = homeSize(option, bytes, 'nominal');
    if (size === 'dram') return `DRAM (${price(memory.dram.nominal)})`;
    return `SRAM of ${binarySize(size)} (${price(sramPj(memory, size) * sram.nominal)})`;
  };
  switch (option.kind) {
    case 'eyeriss': {
      const level = (bytes: number): string => (isLarge(bytes) ? 'DRAM' : 'buffer');
      return `Eyeriss ratios to a MAC, 16-bit words: register 1, buffer 6, DRAM 200; parameters in ${level(needs.parameterBytes)}`;
    }
    case 'sram':
    case 'dram':
      return place(0);
    case 'auto':
      return `parameters in ${place(needs.parameterBytes)}, maps in ${place(Math.min(needs.activationBytes, largestSram))}`;
  }
}

/** Sizes of memories in units of 1024. */
export function binarySize(bytes: number): string {
  const [value, unit] = bytes < 2 ** 20 ? [bytes / 1024, 'kB'] : [bytes / 2 ** 20, 'MB'];
  return `${Number(value.toPrecision(4)).toLocaleString('en-US')} ${unit}`;
}
