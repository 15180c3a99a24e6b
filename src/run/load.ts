import type { ImportOptions } from '../formats/importOptions.ts';
import { readModel } from '../formats/table.ts';
import { type Graph, GraphIndex } from '../graph/graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Binary } from '../kernels/binaries.ts';
import { optimize } from '../passes/pipeline.ts';
import { makePlan, type PlanOptions } from '../plan/plan.ts';
import { findMachine } from './machine.ts';
import type { Model } from './model.ts';
import { withThreads } from './threads.ts';
import type { Workers } from './workers.ts';

export interface LoadOptions extends ImportOptions, PlanOptions {
  /** What messages call the model; the file's name by default. */
  readonly name?: string | undefined;
  /** Which wasm binary to use: the fastest that this engine runs, unless one is named. */
  readonly binary?: Binary | 'auto' | undefined;
  /**
   * How many threads share each step, 1 to 64; 1 by default. Where there can be only one,
   * `model.threadsWhy` says why.
   */
  readonly threads?: number | undefined;
}

/**
 * A model from the bytes of a TFLite or an ONNX file.
 * @param type the kind of model to make: what Node and a page add differs
 * @param workers how the platform makes threads
 * @throws ModelError where the file is broken or needs more than there is
 * @throws PlanError where it does not fit the limits
 */
export async function loadBytes<M extends Model>(
  bytes: Uint8Array,
  options: LoadOptions,
  type: new (...parameters: ConstructorParameters<typeof Model>) => M,
  workers?: Workers,
): Promise<M> {
  const name = options.name ?? 'the model';
  // Node's Buffer is a Uint8Array whose slice() is a view: the importers get the plain kind.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The binary is compiled beside what follows, and a broken file is told of before a poor engine.
  const finding = findMachine(options.binary);
  finding.catch(() => {});
  const graph = await readModel(plain, name, options);
  const optimized = optimize(graph);
  const { binary, dots, confirm } = await finding;
  const { layout, module, crew, why } = await withThreads(
    options.threads ?? 1,
    binary,
    workers,
    (threads) => makePlan(optimized, { ...options, dots, threads }),
  );
  const facts = {
    name,
    outputIsProbability: endsInSoftmax(graph),
    crew,
    threadsWhy: why,
    confirm,
  };
  return new type(optimized, layout, module, binary, facts);
}

/** True where nothing but changes of type or shape stands between a Softmax and the first output. */
function endsInSoftmax(graph: Graph): boolean {
  const index = new GraphIndex(graph);
  let tensor: Tensor | undefined = graph.outputs[0];
  while (tensor !== undefined) {
    const node = index.producerOf(tensor);
    switch (node?.op) {
      case 'Softmax':
        return true;
      case 'Quantize':
      case 'Dequantize':
      case 'Requantize':
      case 'Reshape':
      case 'Transpose':
        tensor = node.inputs[0];
        break;
      default:
        return false;
    }
  }
  return false;
}
