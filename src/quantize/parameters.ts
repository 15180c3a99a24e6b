import { type Graph, GraphIndex } from '../graph/graph.ts';
import { inputsOf, type Node } from '../graph/node.ts';
import { perTensor, type Quantization, type Tensor } from '../graph/tensor.ts';
import { f32, roundHalfToEven } from '../ops/float32.ts';
import { isMove } from './maps.ts';
import { type Range, union } from './range.ts';

/** Results that lie between 0 and 1 whatever comes in. */
const gates: readonly Node['op'][] = ['Sigmoid', 'HardSigmoid', 'Softmax'];

/**
 * The scale and zero point of each map. What moves numbers keeps its input's; the parts of a
 * concatenation that nothing else reads have that of the whole.
 * @param observed the range that each map took
 */
export function parametersOf(
  graph: Graph,
  observed: ReadonlyMap<Tensor, Range>,
): Map<Tensor, Quantization> {
  const index = new GraphIndex(graph);
  const groups = new Groups();
  for (const node of graph.nodes) {
    const output = node.outputs[0]!;
    if (!observed.has(output)) continue;
    for (const input of inputsOf(node)) {
      if (!observed.has(input)) continue;
      const part = node.op === 'Concat' && index.readersOf(input).length === 1;
      if (isMove(node) || part) groups.join(input, output);
    }
  }
  const ranges = new Map<Tensor, Range>();
  for (const [map, range] of observed) {
    const root = groups.rootOf(map);
    const own = usefulRange(map, range, index);
    const before = ranges.get(root);
    ranges.set(root, before === undefined ? own : union(before, own));
  }
  const quantizations = new Map<Tensor, Quantization>();
  for (const [root, range] of ranges) quantizations.set(root, quantizationOf(range));
  return new Map([...observed.keys()].map((map) => [map, quantizations.get(groups.rootOf(map))!]));
}

/** The part of a range that what reads the map can tell apart. */
function usefulRange(map: Tensor, range: Range, index: GraphIndex): Range {
  const producer = index.producerOf(map);
  if (producer !== undefined && gates.includes(producer.op)) return { low: 0, high: 1 };
  const readers = index.readersOf(map).map(flatBeyond);
  if (index.isOutput(map) || readers.length === 0) return range;
  const low = Math.min(...readers.map((reader) => reader.low));
  const high = Math.max(...readers.map((reader) => reader.high));
  return {
    low: Math.max(range.low, Math.min(low, 0)),
    high: Math.min(range.high, Math.max(high, 0)),
  };
}

/** Where a function of one number leaves off changing. */
function flatBeyond(node: Node): Range {
  switch (node.op) {
    case 'Relu':
      return { low: 0, high: Number.POSITIVE_INFINITY };
    case 'Clip':
      return { low: node.attributes.alpha, high: node.attributes.beta };
    case 'HardSwish':
      return { low: -3, high: Number.POSITIVE_INFINITY };
    case 'HardSigmoid': {
      const { alpha, beta } = node.attributes;
      if (alpha > 0) return { low: -beta / alpha, high: (1 - beta) / alpha };
      break;
    }
  }
  return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
}

/** Less is as good as 0: a scale of it would be no normal number. */
const smallestRange = 2 ** -96;

/** 256 numbers from `low` to `high`, one of which is 0 exactly. */
export function quantizationOf({ low, high }: Range): Quantization {
  const span = high - low;
  if (span < smallestRange) return perTensor(1, 0);
  const scale = f32(span / 255);
  return perTensor(scale, Math.min(Math.max(roundHalfToEven(-low / scale), 0), 255));
}

/** Sets of tensors with one scale. */
class Groups {
  readonly #parents = new Map<Tensor, Tensor>();

  rootOf(tensor: Tensor): Tensor {
    let root = tensor;
    for (let up = this.#parents.get(root); up !== undefined; up = this.#parents.get(root))
      root = up;
    return root;
  }

  join(a: Tensor, b: Tensor): void {
    const [from, to] = [this.rootOf(b), this.rootOf(a)];
    if (from !== to) this.#parents.set(from, to);
  }
}
