import { expect, test } from 'vitest';
import { noClamp } from '../../src/graph/node.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import type { GraphBuilder } from '../../src/ops/builder.ts';
import { mergeReshapes, mergeTransposes } from '../../src/passes/mergeTransposes.ts';
import { rewrite } from '../../src/passes/rewrite.ts';
import { raiseTranspose, sinkTranspose } from '../../src/passes/sinkTranspose.ts';
import { runGraph } from '../run/runGraph.ts';
import { addConv, builder, bytes, constant, floats, opsOf, scale } from './graphs.ts';

const rules = [mergeTransposes, mergeReshapes, sinkTranspose];
const toNhwc = [0, 2, 3, 1];
const toNchw = [0, 3, 1, 2];
const float = (id: string) => [{ id, dtype: 'float32' }] as const;

function turn(b: GraphBuilder, x: Tensor, permutation: number[], id: string): Tensor {
  return b.node('Transpose', id, [x], { permutation }, [{ id, dtype: x.dtype }])[0]!;
}

/** A Conv as an NCHW file has it. */
function nchwConv(b: GraphBuilder, x: Tensor, out: number, id: string): Tensor {
  return turn(b, addConv(b, turn(b, x, toNhwc, `${id}/in`), out, 1, `${id}/conv`), toNchw, id);
}

const shape = [1, 3, 4, 5];

test('between convolutions the Transposes cancel, through arithmetic, pads, joins and means', async () => {
  const b = builder();
  const x = b.input('x', 'float32', shape);
  const first = nchwConv(b, x, 6, 'a');
  const [swish] = b.node('HardSwish', 'h', [first], { alpha: 0, beta: 0 }, float('h'));
  const vector = constant(b, 'v', [6, 1, 1]);
  const [sum] = b.node('Add', 's', [swish!, vector], noClamp, float('s'));
  const [mean] = b.node('Mean', 'm', [sum!], { axes: [2, 3], keepDims: true }, float('m'));
  const gate = nchwConv(b, mean!, 6, 'g');
  const [scaled] = b.node('Mul', 'mul', [sum!, gate], noClamp, float('mul'));
  const pad = { before: [0, 0, 1, 0], after: [0, 0, 0, 2], mode: 'constant', value: 0 } as const;
  const [padded] = b.node('Pad', 'p', [scaled!], pad, float('p'));
  const [joined] = b.node('Concat', 'c', [padded!, padded!], { axis: 1 }, float('c'));
  const sliced = { starts: [0, 2, 0, 4], sizes: [1, 5, 2, 3], steps: [1, 2, 3, -1] };
  const [part] = b.node('Slice', 'sl', [joined!], sliced, float('sl'));
  const graph = b.build([nchwConv(b, part!, 2, 'z')]);

  const sunk = rewrite(graph, rules);
  expect(opsOf(sunk).filter((op) => op === 'Transpose')).toHaveLength(2);
  expect(sunk.outputs[0]!.shape).toEqual([1, 2, 2, 3]);
  expect(await runGraph(sunk, floats(shape))).toEqual(await runGraph(graph, floats(shape)));
});

test('a mean that drops its axes, and one that mixes what stays', async () => {
  for (const axes of [[2, 3], [1], [0, 2]]) {
    const b = builder();
    const first = nchwConv(b, b.input('x', 'float32', [2, 3, 4, 5]), 6, 'a');
    const [mean] = b.node('Mean', 'm', [first], { axes, keepDims: false }, float('m'));
    const graph = b.build([mean!]);
    const sunk = rewrite(graph, rules);
    const input = floats([2, 3, 4, 5]);
    expect(await runGraph(sunk, input)).toEqual(await runGraph(graph, input));
  }
});

test('operands that were never transposed keep the Transpose where it is', () => {
  const b = builder();
  const x = b.input('x', 'float32', shape);
  const other = b.input('o', 'float32', [1, 6, 4, 5]);
  const [sum] = b.node('Add', 's', [nchwConv(b, x, 6, 'a'), other], noClamp, float('s'));
  const graph = b.build([sum!]);
  expect(opsOf(rewrite(graph, rules))).toEqual(opsOf(graph));
});

test('a Transpose that moves no data becomes part of the Reshape behind it', () => {
  const b = builder();
  const turned = turn(b, b.input('x', 'float32', [1, 1, 1, 8]), toNchw, 't');
  const [flat] = b.node('Reshape', 'r', [turned], { shape: [1, 8] }, float('r'));
  expect(opsOf(rewrite(b.build([flat!]), rules))).toEqual(['Reshape']);
});

test('a Transpose rises above a Dequantize, so that bytes move', async () => {
  const b = builder();
  const x = b.input('x', 'uint8', shape, scale(0.5, 3));
  const [real] = b.node('Dequantize', 'd', [x], {}, float('d'));
  const graph = b.build([turn(b, real!, toNhwc, 't')]);
  const raised = rewrite(graph, [mergeTransposes, raiseTranspose]);
  expect(opsOf(raised)).toEqual(['Transpose', 'Dequantize']);
  expect(await runGraph(raised, bytes(shape))).toEqual(await runGraph(graph, bytes(shape)));
});

test('a chain of a thousand nodes is rewritten in a moment', () => {
  const b = builder();
  let x = b.input('x', 'float32', shape);
  for (let i = 0; i < 1000; i++) x = nchwConv(b, x, 3, `n${i}`);
  const sunk = rewrite(b.build([x]), rules);
  expect(opsOf(sunk).filter((op) => op === 'Transpose')).toHaveLength(2);
});
