import { instantiateSync } from '@assemblyscript/loader';
import { baseline, relaxed } from '../../build/ceilings.generated.ts';
import type { Path } from './instructions.ts';
import type { Timed } from './timing.ts';

/** The most that this machine does by one kind of instruction, operands in registers and L1. */
export interface PathCeiling {
  readonly path: Path;
  readonly instructions: string;
  /** Additions a second of the path 'addI16'. */
  readonly macsPerSecond: number;
}

/** How fast memory is read that has been read before, by how much of it there is. */
export interface LoadCeiling {
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

export interface Ceilings {
  /** Those that the engine has the instructions for. */
  readonly paths: readonly PathCeiling[];
  /** The smallest first. */
  readonly loads: readonly LoadCeiling[];
}

type Loop = (operands: number, turns: number, bytes?: number) => number;

interface PathLoop {
  readonly path: Path;
  readonly name: string;
  readonly instructions: string;
  /** Multiply-accumulates of one vector product; additions, where there are no products. */
  readonly macs: number;
  /** Vector products of a turn, unless 32. */
  readonly products?: number;
}

/** Vector products of a turn, see assembly/simd/ceiling.ts: Ceiling.run and runTwice, runWide. */
export const productsPerTurn = 32;
export const wideProductsPerTurn = 36;

const pathLoops: readonly PathLoop[] = [
  {
    path: 'relaxedQuads',
    name: 'ceiling_relaxed_quads',
    instructions: 'i32x4.relaxed_dot_i8x16_i7x16_add',
    macs: 16,
    products: wideProductsPerTurn,
  },
  {
    path: 'relaxedPairs',
    name: 'ceiling_relaxed_pairs',
    instructions: 'i16x8.relaxed_dot_i8x16_i7x16, i32x4.dot_i16x8 with ones, add',
    macs: 16,
  },
  {
    path: 'relaxedTwoPairs',
    name: 'ceiling_relaxed_two_pairs',
    instructions: 'two i16x8.relaxed_dot_i8x16_i7x16, i16x8.add, i32x4.dot_i16x8 with ones, add',
    macs: 16,
  },
  {
    path: 'relaxedMaskedPairs',
    name: 'ceiling_relaxed_masked_pairs',
    instructions: 'v128.xor, then as relaxedPairs',
    macs: 16,
  },
  {
    path: 'relaxedPairsI16',
    name: 'ceiling_relaxed_pairs_i16',
    instructions: 'i16x8.relaxed_dot_i8x16_i7x16, i16x8.add',
    macs: 16,
  },
  {
    path: 'dotI16',
    name: 'ceiling_dot_i16',
    instructions: 'i32x4.dot_i16x8, i32x4.add',
    macs: 8,
  },
  { path: 'addI16', name: 'ceiling_add_i16', instructions: 'v128.load, i16x8.add', macs: 8 },
  { path: 'f32', name: 'ceiling_f32', instructions: 'f32x4.mul, f32x4.add', macs: 4 },
];

/** For L1, L2, a last cache, and what fits no cache. */
const loadSizes = [2 ** 14, 2 ** 18, 2 ** 22, 2 ** 24, 3 * 2 ** 25];
const pathTurns = 2000;
const operandsAt = 4096;
const operandBytes = 16_384;

/** The loops, ready to be timed; what they do in a call stands beside them. */
export class CeilingLoops {
  readonly timed: readonly Timed[];
  readonly #paths: readonly PathLoop[];
  readonly #loads: readonly { readonly bytes: number; readonly turns: number }[];

  constructor() {
    const small = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const loops: Record<string, Loop> = {};
    for (const text of [baseline, relaxed]) {
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      if (WebAssembly.validate(bytes)) Object.assign(loops, loopsOf(bytes, small));
    }
    this.#paths = pathLoops.filter(({ name }) => name in loops);
    const paths = this.#paths.map(({ path, name }): Timed => {
      const fill = (): void => fillOperands(small, path);
      return { run: () => void loops[name]!(operandsAt, pathTurns), before: fill };
    });

    const largest = loadSizes.at(-1)!;
    const pages = Math.ceil((operandsAt + largest) / 65536);
    const large = new WebAssembly.Memory({ initial: pages, maximum: pages });
    // Pages that nobody wrote to are all the same one, and read too fast.
    new Uint8Array(large.buffer).fill(1);
    const { ceiling_load: load } = loopsOf(
      Uint8Array.from(atob(baseline), (character) => character.charCodeAt(0)),
      large,
    );
    this.#loads = loadSizes.map((bytes) => ({
      bytes,
      turns: Math.max(1, Math.floor(2 ** 20 / bytes)),
    }));
    const loads = this.#loads.map(
      ({ bytes, turns }): Timed => ({ run: () => void load!(operandsAt, turns, bytes) }),
    );
    this.timed = [...paths, ...loads];
  }

  /** @param medians milliseconds of a call, in the order of `timed` */
  ceilings(medians: readonly number[]): Ceilings {
    const paths = this.#paths.map(
      ({ path, instructions, macs, products = productsPerTurn }, i) => ({
        path,
        instructions,
        macsPerSecond: (1000 * pathTurns * products * macs) / medians[i]!,
      }),
    );
    const loads = this.#loads.map(({ bytes, turns }, i) => ({
      bytes,
      bytesPerSecond: (1000 * bytes * turns) / medians[paths.length + i]!,
    }));
    return { paths, loads };
  }
}

function loopsOf(bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory): Record<string, Loop> {
  const module = new WebAssembly.Module(bytes);
  return instantiateSync<Record<string, Loop>>(module, { env: { memory } }).exports;
}

/** Ones: floats that are no numbers or too small to be normal take longer. */
function fillOperands(memory: WebAssembly.Memory, path: Path): void {
  if (path === 'f32') new Float32Array(memory.buffer, operandsAt, operandBytes / 4).fill(1);
  else new Uint8Array(memory.buffer, operandsAt, operandBytes).fill(1);
}

/** The ceiling of a kernel that multiplies or adds `macs` times and touches `bytes`. */
export interface Roof {
  readonly perSecond: number;
  /** 'path': the instructions, 'load': reading the operands. */
  readonly by: 'path' | 'load';
}

/** Bytes a second at which so many bytes are read again and again. */
export function loadOf({ loads }: Ceilings, bytes: number): number {
  return (loads.find((load) => load.bytes >= bytes) ?? loads.at(-1)!).bytesPerSecond;
}

/** What a path allows, or several in the shares that are given; undefined without its instructions. */
function pathCeiling({ paths }: Ceilings, shares: ReadonlyMap<Path, number>): number | undefined {
  let total = 0;
  let seconds = 0;
  for (const [path, share] of shares) {
    const ceiling = paths.find((one) => one.path === path);
    if (ceiling === undefined) return undefined;
    total += share;
    seconds += share / ceiling.macsPerSecond;
  }
  return total / seconds;
}

/**
 * The roofline: multiply-accumulates a second that the machine allows, by its instructions or by the
 * bytes that must be read for them.
 */
export function roofOf(
  ceilings: Ceilings,
  shares: ReadonlyMap<Path, number>,
  macs: number,
  bytes: number,
): Roof {
  const byLoad = (loadOf(ceilings, bytes) * macs) / bytes;
  const byPath = pathCeiling(ceilings, shares);
  if (byPath === undefined) return { perSecond: byLoad, by: 'load' };
  return byPath <= byLoad ? { perSecond: byPath, by: 'path' } : { perSecond: byLoad, by: 'load' };
}
