import { PlanError } from '../errors.ts';
import { type Binary, compile, preparePacker, supports } from '../kernels/binaries.ts';
import { type Dots, noDots } from '../kernels/kernel.ts';
import { confirmDots, probeDots } from '../kernels/probe.ts';

/** What this engine on this machine runs, found out by trying. */
export interface Machine {
  readonly binary: Binary;
  /** What the relaxed dot products of bytes are good for; nothing in the baseline binary. */
  readonly dots: Dots;
}

/** A machine that can be looked at again. */
export interface ProbedMachine extends Machine {
  /** Whether the dots still compute the same; absent where no kernel is made of them. */
  readonly confirm?: () => boolean;
}

/**
 * @param binary the one asked for; the fastest that this engine runs where it is 'auto'. Instead of a
 *   relaxed one whose dots are of no use on this machine it is the baseline one in any case.
 * @throws PlanError where the engine does not run it
 */
export async function findMachine(binary: Binary | 'auto' = 'auto'): Promise<ProbedMachine> {
  const able = (['relaxed', 'baseline'] as const).filter(supports);
  const chosen = binary === 'auto' ? able[0] : able.find((name) => name === binary);
  if (chosen === undefined) {
    throw new PlanError({
      where: 'option binary',
      got: `'${binary}'`,
      expected: `'auto'${able.map((name) => ` or '${name}'`).join('')} on this engine`,
      advice: able.length > 0 ? 'leave it out' : 'take an engine that has WebAssembly SIMD',
    });
  }
  const preparing = preparePacker();
  if (chosen === 'baseline') {
    await preparing;
    return { binary: chosen, dots: noDots };
  }
  const [module] = await Promise.all([compile(chosen), preparing]);
  const dots = probeDots(module);
  // What the relaxed binary has beside the other's kernels is made of them, and it lacks some of those.
  if (dots.quads === 'none' && dots.pairs === 'none') return { binary: 'baseline', dots: noDots };
  return { binary: chosen, dots, confirm: () => confirmDots(module) };
}

/**
 * The class of kernels that a machine runs. 'baseline': products of 16 bits. 'saturating': relaxed
 * dots that add pairs in 16 bits, made exact by complementing inputs. 'unsigned' and 'signed': relaxed dots of
 * four bytes that are exact as they are.
 */
export type KernelClass = 'baseline' | 'saturating' | 'unsigned' | 'signed';

export function kernelClassOf({ dots }: Machine): KernelClass {
  if (dots.quads !== 'none') return dots.quads;
  return dots.pairs === 'unsigned' ? 'saturating' : 'baseline';
}

/** In words, why the machine runs that binary in that way. */
export function describeMachine(machine: Machine): string {
  return {
    baseline: 'the engine has SIMD, and no relaxed dot products of bytes that are of use here',
    saturating:
      'the engine has relaxed SIMD; its dot products of bytes add pairs in 16 bits and saturate',
    unsigned: 'the engine has relaxed SIMD; its dot products of unsigned bytes are exact',
    signed: 'the engine has relaxed SIMD; its dot products of signed bytes are exact',
  }[kernelClassOf(machine)];
}
