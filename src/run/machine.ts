import { PlanError } from '../errors.ts';
import { type Binary, compile, supports } from '../kernels/binaries.ts';
import type { Dots } from '../kernels/kernel.ts';
import { probeDots } from '../kernels/probe.ts';

/** What this engine on this machine runs, found out by trying. */
export interface Machine {
  readonly binary: Binary;
  /** What the relaxed dot products of bytes are good for; 'none' of the baseline binary. */
  readonly dots: Dots;
}

/**
 * @param binary the one asked for; the fastest that this engine runs where it is 'auto'
 * @throws PlanError where the engine does not run it
 */
export async function findMachine(binary: Binary | 'auto' = 'auto'): Promise<Machine> {
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
  const dots = chosen === 'relaxed' ? probeDots(await compile(chosen)) : 'none';
  return { binary: chosen, dots };
}

/** In words, why the machine runs that binary in that way. */
export function describeMachine({ binary, dots }: Machine): string {
  if (binary === 'baseline') return 'the engine has SIMD, and no relaxed SIMD';
  return dots === 'none'
    ? 'the engine has relaxed SIMD, whose dot products of bytes are not exact on this machine'
    : 'the engine has relaxed SIMD, and its dot products of bytes are exact on this machine';
}
