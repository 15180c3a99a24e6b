import os from 'node:os';
import { type Binary, compile } from '../kernels/binaries.ts';
import { type Dots, noDots } from '../kernels/kernel.ts';
import { probeDots } from '../kernels/probe.ts';

/** What a figure of time depends on. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly engine: string;
  readonly system: string;
  readonly binary: Binary;
  /** What the relaxed dots of bytes compute here. */
  readonly dots: Dots;
}

export async function machineFacts(binary: Binary): Promise<MachineFacts> {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    engine: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    system: `${os.platform()} ${os.arch()}`,
    binary,
    dots: binary === 'relaxed' ? probeDots(await compile(binary)) : noDots,
  };
}

export function describeMachine({ cpu, engine, system, binary, dots }: MachineFacts): string {
  return `${cpu}, ${system}, ${engine}; kernels: ${describeClass(binary, dots)}`;
}

/** The class of kernels, in a few words. */
function describeClass(binary: Binary, { quads, pairs }: Dots): string {
  if (binary === 'baseline') return 'baseline SIMD';
  if (quads !== 'none') return `relaxed SIMD, exact dots of ${quads} bytes`;
  if (pairs !== 'none') return `relaxed SIMD, saturating dots of ${pairs} bytes`;
  return 'relaxed SIMD, no exact dots of bytes';
}
