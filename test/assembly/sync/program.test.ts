import { describe, expect, test } from 'vitest';
import { BarrierArgs, FillArgs, ThreadArgs } from '../../../assembly/arguments.ts';
import { compile, supports } from '../../../src/kernels/binaries.ts';
import { instantiateRunner } from '../../../src/kernels/instantiate.ts';
import { programsOf, threadBlock } from '../../../src/plan/program.ts';

const barrierAt = 1024;
const threadAt = 1088;
const programAt = 1152;
const blocksAt = 2048;
const outputAt = 4096;
const binaries = (['baseline', 'relaxed'] as const).filter(supports);

/**
 * A memory in which thread 0 of `threads` has to fill a byte for each step, with 1, 2, 3...; those
 * marked with a * it shares with the others.
 */
async function thread(steps: readonly ('fill' | 'fill*')[], threads: number, shared: boolean) {
  const calls = steps.map((step, i) => {
    const call = { kernel: 'fill_x8', argumentsAt: blocksAt + 64 * i };
    return step === 'fill' ? [call] : Array.from({ length: threads }, () => call);
  });
  const { programs, functions } = programsOf(calls, threads);
  const module = await compile('baseline', shared ? 'shared' : 'own');
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared });
  const bytes = new Uint8Array(memory.buffer);
  const words = new Int32Array(memory.buffer);
  const field = (address: number) => ({
    get: (): number => words[address >> 2]!,
    set: (value: number): void => void Atomics.store(words, address >> 2, value),
  });
  bytes.set(programs[0]!, programAt);
  bytes.set(threadBlock(programAt, barrierAt, threads), threadAt);
  steps.forEach((_, i) => {
    const block = blocksAt + 64 * i;
    bytes.fill(i + 1, block + 16, block + 32);
    field(block + FillArgs.output).set(outputAt + i);
    field(block + FillArgs.pattern).set(block + 16);
    field(block + FillArgs.bytes).set(1);
  });
  const { runProgram } = instantiateRunner(module, memory, functions);
  return {
    run: () => runProgram(threadAt),
    done: () => Array.from(bytes.slice(outputAt, outputAt + steps.length)),
    clear: () => void bytes.fill(0, outputAt, outputAt + steps.length),
    arrivals: field(barrierAt + BarrierArgs.arrivals),
    sleepers: field(barrierAt + BarrierArgs.sleepers),
    target: field(threadAt + ThreadArgs.target),
    spins: field(threadAt + ThreadArgs.spins),
    waitMilliseconds: field(threadAt + ThreadArgs.waitMilliseconds),
  };
}

test('a program calls its kernels in order, run after run', async () => {
  const one = await thread(['fill', 'fill', 'fill'], 1, false);
  for (let i = 0; i < 3; i++) {
    one.clear();
    expect(one.run()).toBe(0);
    expect(one.done()).toEqual([1, 2, 3]);
  }
});

test('an empty program ends', async () => {
  expect((await thread([], 1, false)).run()).toBe(0);
});

describe.each([
  ['a memory of its own, without sleep', false, 0],
  ['a shared memory, without sleep', true, 0],
  ['a shared memory, with sleep', true, 5],
])('at a barrier, %s', (_, shared, milliseconds) => {
  test('a thread waits for the others, and goes on where it stood', async () => {
    const two = await thread(['fill', 'fill*', 'fill'], 2, shared);
    two.waitMilliseconds.set(milliseconds);
    two.spins.set(100);
    for (let run = 0; run < 3; run++) {
      const before = 4 * run;
      two.clear();
      expect(two.run()).toBe(1);
      // It has come to the first barrier, once, however often it looks.
      expect(two.run()).toBe(1);
      expect(two.done()).toEqual([1, 0, 0]);
      expect(two.arrivals.get()).toBe(before + 1);
      two.arrivals.set(before + 2);
      two.clear();
      expect(two.run()).toBe(1);
      expect(two.done()).toEqual([0, 2, 0]);
      two.arrivals.set(before + 4);
      expect(two.run()).toBe(0);
      expect(two.done()).toEqual([0, 2, 3]);
      expect(two.sleepers.get()).toBe(0);
    }
  });

  test('the counter of arrivals may wrap', async () => {
    const last = 2 ** 31 - 1;
    const two = await thread(['fill*'], 2, shared);
    two.waitMilliseconds.set(milliseconds);
    two.arrivals.set(last - 1);
    two.target.set(last - 1);
    expect(two.run()).toBe(1);
    expect(two.done()).toEqual([0]);
    two.arrivals.set(-(2 ** 31));
    expect(two.run()).toBe(1);
    expect(two.done()).toEqual([1]);
  });

  test('it does not wait where the others are there already, or further', async () => {
    const three = await thread(['fill*', 'fill'], 3, shared);
    three.waitMilliseconds.set(milliseconds);
    three.spins.set(1);
    three.arrivals.set(5);
    expect(three.run()).toBe(0);
    expect(three.done()).toEqual([1, 2]);
  });
});

test.each(binaries)('%s has the program for both kinds of memory', async (binary) => {
  for (const kind of ['own', 'shared'] as const) {
    const shared = kind === 'shared';
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared });
    const bytes = new Uint8Array(memory.buffer);
    bytes.set(threadBlock(programAt, barrierAt, 1), threadAt);
    const { runProgram } = instantiateRunner(await compile(binary, kind), memory, []);
    expect(runProgram(threadAt)).toBe(0);
  }
});
