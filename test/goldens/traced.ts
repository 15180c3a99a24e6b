import { createHash } from 'node:crypto';
import { readModel } from '../../src/formats/table.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { stridesOf } from '../../src/graph/shape.ts';
import type { Tensor, TypedArray } from '../../src/graph/tensor.ts';
import { type Binary, compile } from '../../src/kernels/binaries.ts';
import { noDots } from '../../src/kernels/kernel.ts';
import { probeDots } from '../../src/kernels/probe.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { Model } from '../../src/run/model.ts';

/** A model that keeps all its maps, to be compared layer by layer. */
export interface Traced {
  readonly model: Model;
  readonly graph: Graph;
  /**
   * What the file's tensor of that id holds after a run, in the file's own dtype and in the layout
   * of `shape`; undefined where it was fused away.
   */
  layer(id: string, shape: readonly number[]): TypedArray | undefined;
}

export async function trace(bytes: Uint8Array, name: string, binary: Binary): Promise<Traced> {
  const graph = optimize(await readModel(bytes, name));
  const module = await compile(binary);
  const dots = binary === 'relaxed' ? probeDots(module) : noDots;
  const layout = makePlan(graph, { keepAll: true, dots });
  const facts = { name, outputIsProbability: false };
  const model = new Model(graph, layout, module, binary, facts);
  const tensors = new Map<string, Tensor>();
  for (const node of graph.nodes) for (const tensor of node.outputs) tensors.set(tensor.id, tensor);
  const layer = (id: string, shape: readonly number[]): TypedArray | undefined => {
    for (const suffix of ['', '/u8', ':nhwc', ':nhwc/u8', '/nhwc', '/nhwc/u8']) {
      const tensor = tensors.get(id + suffix);
      const raw = tensor && model.peek(tensor);
      if (tensor === undefined || raw === undefined) continue;
      const isInt8 = suffix.endsWith('/u8');
      const own = isInt8 ? Int8Array.from(raw as Uint8Array, (q) => q - 128) : raw;
      return suffix.includes('nhwc') && shape.length === 4 ? toNchw(own, tensor.shape) : own;
    }
    return undefined;
  };
  return { model, graph, layer };
}

function toNchw(data: TypedArray, shape: readonly number[]): TypedArray {
  const [batch = 1, height = 1, width = 1, channels = 1] = shape;
  const strides = stridesOf(shape);
  const result = data.slice() as TypedArray;
  let to = 0;
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          result[to++] = data[n * strides[0]! + y * strides[1]! + x * strides[2]! + c]!;
  return result;
}

export function sha256(data: TypedArray): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}

/** `N of M differ, first at [...], got g, expected e`, or undefined where the arrays are equal. */
export function difference(
  got: TypedArray,
  expected: TypedArray,
  shape: readonly number[],
  tolerance = 0,
): string | undefined {
  let count = 0;
  let first = -1;
  for (let i = 0; i < expected.length; i++) {
    const equal =
      got[i] === expected[i] || Math.abs(Number(got[i]) - Number(expected[i])) <= tolerance;
    if (equal) continue;
    count++;
    if (first < 0) first = i;
  }
  if (got.length !== expected.length) return `${got.length} elements, expected ${expected.length}`;
  if (count === 0) return undefined;
  const at = stridesOf(shape).map((stride, axis) => Math.floor(first / stride) % shape[axis]!);
  return `${count} of ${expected.length} differ, first at [${at.join('][')}], got ${got[first]}, expected ${expected[first]}`;
}
