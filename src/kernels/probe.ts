import { ProbeArgs } from '../../assembly/arguments.ts';
import { instantiate } from './instantiate.ts';
import { type Dots, noDots } from './kernel.ts';

type Reading = 'unsigned' | 'signed';

/**
 * Four lanes of four bytes a time: nothing special; what tells the signs apart and saturates
 * nowhere; pair sums beyond 16 bits, upwards and downwards; single products at every end; products
 * of -128 by itself. Two of those in a pair stay out: V8 on Arm wraps them at 16 bits in its quick
 * code, and mostly not in the optimized one.
 */
const weights = [
  [127, 127, 127, 127, 1, -1, 2, -2, 127, 127, 127, 127, -128, -128, -128, -128],
  [-128, 127, 127, -128, 64, 64, -64, -64, 0, 127, -128, 0, 1, 2, 3, 4],
  [-128, -127, -127, -128, 127, 127, 127, 127, 0, -128, -128, 0, -128, -128, 127, 127],
];
const inputs = [
  [127, 127, 127, 127, 200, 255, 128, 129, 255, 255, 255, 255, 255, 255, 255, 255],
  [0, 255, 255, 1, 255, 255, 255, 255, 255, 255, 255, 255, 128, 127, 0, 255],
  [128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 129, 127, 127],
];
const bias = 7;
const [aAt, bAt, accumulatorAt, quadsAt, pairsAt, blockAt] = [64, 80, 96, 112, 128, 192];
/** In one call, so that a second look sees the optimizing compiler's code. */
const turns = 4096;

const found = new WeakMap<WebAssembly.Module, Dots>();

/**
 * What this machine's relaxed dots of bytes compute, both instructions, from memory operands. Never
 * by the processor's name, and anew in every process: a cached module may run on another machine
 * than it was compiled on.
 * @param module kernels.relaxed.wasm
 */
export function probeDots(module: WebAssembly.Module): Dots {
  let dots = found.get(module);
  if (dots === undefined) {
    dots = look(module);
    found.set(module, dots);
  }
  return dots;
}

/**
 * Whether a second look finds what the first one found: engines run a function in a quick form
 * first and optimize it after a while.
 */
export function confirmDots(module: WebAssembly.Module): boolean {
  const first = probeDots(module);
  const now = look(module);
  return first.quads === now.quads && first.pairs === now.pairs;
}

function look(module: WebAssembly.Module): Dots {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { probe_dots: probe } = instantiate(module, memory);
  if (probe === undefined) return noDots;
  const view = new DataView(memory.buffer);
  const fields = { a: aAt, b: bAt, accumulator: accumulatorAt, quads: quadsAt, pairs: pairsAt };
  for (const [field, value] of Object.entries({ ...fields, turns }))
    view.setInt32(blockAt + ProbeArgs[field as keyof typeof ProbeArgs], value, true);
  for (let lane = 0; lane < 4; lane++) view.setInt32(accumulatorAt + 4 * lane, bias, true);
  return dotsOf((a, b) => {
    for (let i = 0; i < 16; i++) {
      view.setInt8(aAt + i, a[i]!);
      view.setUint8(bAt + i, b[i]!);
    }
    probe(blockAt);
    return {
      quads: Array.from({ length: 4 }, (_, lane) => view.getInt32(quadsAt + 4 * lane, true) - bias),
      pairs: Array.from({ length: 8 }, (_, lane) => view.getInt16(pairsAt + 2 * lane, true)),
    };
  });
}

/** What a machine gives for 16 signed bytes and 16 bytes of 0 to 255: 4 sums, and 8. */
type Machine = (
  a: readonly number[],
  b: readonly number[],
) => { readonly quads: readonly number[]; readonly pairs: readonly number[] };

/** What the dots of a machine are good for. */
export function dotsOf(machine: Machine): Dots {
  let quads: Reading[] = ['unsigned', 'signed'];
  let pairs: Reading[] = ['unsigned', 'signed'];
  for (const [row, a] of weights.entries()) {
    const b = inputs[row]!;
    const got = machine(a, b);
    quads = quads.filter((reading) =>
      got.quads.every((sum, lane) => sum === dot(a, b, 4 * lane, 4, reading)),
    );
    pairs = pairs.filter((reading) =>
      got.pairs.every((got, lane) => {
        const sum = dot(a, b, 2 * lane, 2, reading);
        // Beyond 16 bits machines may do as they like: no kernel goes there.
        return sum !== (sum << 16) >> 16 || got === sum;
      }),
    );
  }
  return { quads: quads[0] ?? 'none', pairs: pairs[0] ?? 'none' };
}

function dot(
  a: readonly number[],
  b: readonly number[],
  first: number,
  count: number,
  reading: Reading,
): number {
  let sum = 0;
  for (let i = first; i < first + count; i++)
    sum += a[i]! * (reading === 'signed' ? (b[i]! << 24) >> 24 : b[i]!);
  return sum;
}
