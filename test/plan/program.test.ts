import { expect, test } from 'vitest';
import { programsOf } from '../../src/plan/program.ts';

const [arrive, wait, end] = ['arrive', 'wait', 'end'];

/** The entries in words: what is called with which arguments, and what else there is. */
function read(program: Uint8Array, functions: readonly string[]): string[] {
  const words = new Uint32Array(program.buffer);
  return Array.from({ length: words.length / 2 }, (_, i) => {
    const [kernel, operand] = [words[2 * i]!, words[2 * i + 1]!];
    return kernel > 0 ? `${functions[kernel - 1]} ${operand}` : [end, arrive, wait][operand]!;
  });
}

function programs(steps: readonly (readonly string[])[], threads: number): string[][] {
  const calls = steps.map((step, i) =>
    step.map((kernel, part) => ({ kernel, argumentsAt: 100 * i + part })),
  );
  const { programs, functions } = programsOf(calls, threads);
  expect(new Set(functions).size).toBe(functions.length);
  return programs.map((program) => read(program, functions));
}

test('one thread meets nobody', () => {
  expect(programs([['conv'], ['table'], ['conv']], 1)).toEqual([
    ['conv 0', 'table 100', 'conv 200', end],
  ]);
});

test('threads meet before and after what they share, and not between steps of one', () => {
  const steps = [['a'], ['b'], ['conv', 'conv'], ['c'], ['d'], ['conv', 'tail'], ['e', 'e']];
  expect(programs(steps, 2)).toEqual([
    [
      ...['a 0', 'b 100', arrive, wait, 'conv 200', arrive, wait, 'c 300', 'd 400'],
      ...[arrive, wait, 'conv 500', arrive, wait, 'e 600', arrive, wait, end],
    ],
    [
      ...[arrive, wait, 'conv 201', arrive, wait, arrive, wait, 'tail 501'],
      ...[arrive, wait, 'e 601', arrive, wait, end],
    ],
  ]);
});

test('a thread without a part in a step comes to the barriers all the same', () => {
  expect(
    programs(
      [
        ['a', 'a'],
        ['b', 'b', 'b'],
      ],
      3,
    )[2],
  ).toEqual([...[arrive, wait, arrive, wait, 'b 102', arrive, wait, end]]);
});
