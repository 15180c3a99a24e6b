import { ModelError } from '../../errors.ts';
import type { OnnxModel, OnnxNode } from './decode.ts';
import { brokenFile, fail } from './fault.ts';

/**
 * The nodes, each behind the producers of its inputs.
 * @throws ModelError on names that two nodes produce or none does, and on cycles
 */
export function orderByNames({ nodes, initializers, inputs, outputs }: OnnxModel): OnnxNode[] {
  const producers = new Map<string, OnnxNode>();
  const given = new Set([...initializers.keys(), ...inputs.map(({ name }) => name)]);
  for (const node of nodes) {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (producers.has(name) || given.has(name)) {
        fail(node.name, `a second producer of ${JSON.stringify(name)}`, 'one for each tensor');
      }
      producers.set(name, node);
    }
  }
  const waitsFor = new Map<OnnxNode, number>();
  const readers = new Map<OnnxNode, OnnxNode[]>();
  const ready: OnnxNode[] = [];
  for (const node of nodes) {
    let count = 0;
    for (const name of node.inputs) {
      if (name === '' || given.has(name)) continue;
      const producer = producers.get(name);
      if (producer === undefined) {
        return fail(
          node.name,
          `input ${JSON.stringify(name)}, which nothing produces`,
          'an input of the model, an initializer or the output of a node',
        );
      }
      count++;
      const list = readers.get(producer);
      if (list === undefined) readers.set(producer, [node]);
      else list.push(node);
    }
    waitsFor.set(node, count);
    if (count === 0) ready.push(node);
  }
  const seen = new Set<string>();
  for (const { name } of outputs) {
    if (seen.has(name)) fail(`output ${JSON.stringify(name)}`, 'two outputs of this name', 'one');
    seen.add(name);
  }
  const ordered: OnnxNode[] = [];
  for (let next = 0; next < ready.length; next++) {
    const node = ready[next]!;
    ordered.push(node);
    for (const reader of readers.get(node) ?? []) {
      const left = waitsFor.get(reader)! - 1;
      waitsFor.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  if (ordered.length < nodes.length) {
    const stuck = nodes.filter((node) => waitsFor.get(node)! > 0).map((node) => node.name);
    throw new ModelError({
      where: stuck.slice(0, 8).join(', '),
      got: 'a cycle',
      expected: 'a graph without cycles',
      advice: brokenFile,
    });
  }
  return ordered;
}
