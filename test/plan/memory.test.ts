import { expect, test } from 'vitest';
import { readModel } from '../../src/formats/table.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { floats, info, modelBytes } from '../formats/onnx/modelFile.ts';

/** `layers` products in a row, all with the same weights. */
async function tower(layers: number, size: number) {
  const file = modelBytes({
    inputs: [info('0', [1, size])],
    outputs: [info(`${layers}`, [1, size])],
    constants: [floats('weights', [size, size], ...new Array<number>(size * size).fill(1))],
    nodes: Array.from({ length: layers }, (_, i) => {
      return { op: 'MatMul', inputs: [`${i}`, 'weights'], outputs: [`${i + 1}`] };
    }),
  });
  return optimize(await readModel(file, 'a tower'));
}

test('a plan says what memory it needs, and is refused below that', async () => {
  const graph = await tower(3, 16);
  const { memoryBytes, arenaBytes } = makePlan(graph).plan;
  expect(makePlan(graph, { maxMemoryBytes: memoryBytes }).plan.memoryBytes).toBe(memoryBytes);
  const refused = (): unknown => makePlan(graph, { maxMemoryBytes: memoryBytes - 1 });
  expect(refused).toThrow(`got a need of ${memoryBytes} bytes (${arenaBytes} of them for maps)`);
  expect(refused).toThrow(`expected at most ${memoryBytes - 1}; raise the option maxMemoryBytes`);
});

test('weights packed many times over are counted before there are too many', async () => {
  const maxMemoryBytes = 2 ** 20;
  const layerBytes = makePlan(await tower(1, 64)).plan.packedBytes;
  const graph = await tower(1000, 64);
  const refused = (): unknown => makePlan(graph, { maxMemoryBytes });
  const count = Math.floor(maxMemoryBytes / layerBytes) + 1;
  expect(refused).toThrow(`got ${count * layerBytes} bytes of weights, expected at most`);
});

test('a limit that is no number refuses everything', async () => {
  const graph = await tower(1, 4);
  expect(() => makePlan(graph, { maxMemoryBytes: Number.NaN })).toThrow('expected at most');
});
