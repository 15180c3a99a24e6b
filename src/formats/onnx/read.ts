import { type Fault, ModelError } from '../../errors.ts';
import type { Graph } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { GraphBuilder } from '../../ops/builder.ts';
import type { Gap, ImportOptions } from '../importOptions.ts';
import {
  decodeModel,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensorInfo,
  statedInfo,
} from './decode.ts';
import { elementOf } from './elements.ts';
import { fail } from './fault.ts';
import { addInputs } from './inputs.ts';
import { metadataOf } from './metadata.ts';
import { NodeImport } from './nodeImport.ts';
import { importerOf } from './operators.ts';
import { orderByNames } from './order.ts';
import { Scope } from './scope.ts';
import { isKnown } from './value.ts';

const oldestOpset = 10;
const newestOpset = 25;

/**
 * Reads an ONNX model of opset 10 to 25 into a graph.
 * @throws ModelError with everything that is wrong, or that this engine does not do
 */
export function readOnnx(bytes: Uint8Array, options: ImportOptions = {}): Graph {
  const model = decodeModel(bytes);
  const { gaps } = options;
  if (gaps === undefined) checkOperators(model);
  const builder = new GraphBuilder(model.name, 'onnx', 'onnxruntime');
  const opset = Math.min(newestOpset, Math.max(oldestOpset, model.opsets.get('') ?? newestOpset));
  const scope = new Scope(builder, opset, bytes.length);
  for (const [name, value] of model.initializers) scope.values.set(name, value);
  const nodes = orderByNames(model);
  addInputs(model, scope, options);
  if (gaps !== undefined) {
    const ends = importAround(nodes, scope, gaps, statedInfo(bytes));
    ends.push(...model.outputs.map(({ name }) => name));
    return builder.build(builder.computed(ends.flatMap((name) => computedAs(name, scope))));
  }
  importNodes(nodes, scope);
  const outputs = model.outputs.map(({ name }) => outputOf(scope, name));
  return builder.build(outputs, metadataOf(model.metadata));
}

/** Refuses operator sets and operators that are not known, all at once. */
function checkOperators({ opsets, nodes }: OnnxModel): void {
  const faults: Fault[] = [];
  const opset = opsets.get('');
  if (opset === undefined || !(opset >= oldestOpset && opset <= newestOpset)) {
    faults.push({
      where: 'the model',
      got: opset === undefined ? 'no opset of ONNX' : `opset ${opset}`,
      expected: `opset ${oldestOpset} to ${newestOpset}`,
      advice: 'convert it with onnx.version_converter, or export it again for another opset',
    });
  }
  const unknown = new Map<string, string[]>();
  for (const { domain, op, name } of nodes) {
    if (importerOf(domain, op) !== undefined) continue;
    const version = opsets.get(domain);
    const where = domain === '' ? 'ONNX' : domain;
    const key = `${op} of ${where}${version === undefined ? '' : ` version ${version}`}`;
    const names = unknown.get(key);
    if (names === undefined) unknown.set(key, [name]);
    else names.push(name);
  }
  for (const [key, names] of unknown) {
    const shown = names.slice(0, 8).join(', ');
    faults.push({
      where: names.length > 8 ? `${shown} and ${names.length - 8} more nodes` : shown,
      got: `operator ${key}`,
      expected: 'one in docs/operators.md',
      advice: 'replace it by operators that are there, or open an issue',
    });
  }
  if (faults.length > 0) throw new ModelError(faults);
}

/** Turns every node into nodes of the graph; the faults of all are thrown together. */
function importNodes(nodes: readonly OnnxNode[], scope: Scope): void {
  const faults: Fault[] = [];
  /** Outputs of nodes that failed: what depends on them is not looked at. */
  const lost = new Set<string>();
  for (const node of nodes) {
    if (node.inputs.some((name) => lost.has(name))) {
      for (const name of node.outputs) lost.add(name);
      continue;
    }
    try {
      importerOf(node.domain, node.op)!(new NodeImport(node, scope));
      node.attributes.finish();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      faults.push(...error.faults);
      for (const name of node.outputs) lost.add(name);
    }
  }
  if (faults.length > 0) throw new ModelError(faults);
}

/**
 * For counting: nodes that cannot be imported leave results of stated shape as inputs.
 * @returns what these nodes read
 */
function importAround(
  nodes: readonly OnnxNode[],
  scope: Scope,
  gaps: Gap[],
  stated: ReadonlyMap<string, OnnxTensorInfo>,
): string[] {
  const ends: string[] = [];
  for (const node of nodes) {
    const before = scope.builder.size;
    try {
      const run = importerOf(node.domain, node.op);
      const lost = node.inputs.find((name) => name !== '' && !scope.values.has(name));
      if (run === undefined) fail(node.name, `operator ${node.op}`, 'one in docs/operators.md');
      if (lost !== undefined)
        fail(node.name, 'an input of no known shape', 'one that is counted, or stated in the file');
      run(new NodeImport(node, scope));
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      scope.builder.truncate(before);
      const [{ got, expected }] = error.faults as [Fault];
      gaps.push({ name: node.name, op: node.op, why: `got ${got}, expected ${expected}` });
      ends.push(...node.inputs);
      for (const name of node.outputs) addStated(scope, stated.get(name));
    }
  }
  return ends;
}

function computedAs(name: string, { values }: Scope): Tensor[] {
  const value = values.get(name);
  return value === undefined || isKnown(value) ? [] : [value];
}

function addStated(scope: Scope, info: OnnxTensorInfo | undefined): void {
  const shape = info?.shape?.map((size, axis) => (size === -1 && axis === 0 ? 1 : size));
  if (info === undefined || shape === undefined || shape.includes(-1)) return;
  const { dtype } = elementOf(info.type);
  scope.values.set(info.name, scope.builder.input(info.name, dtype, shape));
}

/** The tensor of an output, under the output's own name. */
function outputOf(scope: Scope, name: string): Tensor {
  const value = scope.values.get(name);
  if (value === undefined) {
    return fail(`output ${JSON.stringify(name)}`, 'no node that computes it', 'one');
  }
  if (!isKnown(value) && value.id === name) return value;
  // Another name for an input, a constant or an inner tensor.
  const node = { name, op: 'Identity', domain: '', inputs: [], outputs: [name] };
  const attributes = { finish: () => undefined } as unknown as OnnxNode['attributes'];
  const c = new NodeImport({ ...node, attributes }, scope);
  const tensor = c.tensorOf(value);
  const { dtype, quantization, shape } = tensor;
  return c.emit('Reshape', [tensor], { shape }, { dtype, quantization }, name);
}
