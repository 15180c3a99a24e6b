import type { ImportOptions } from '../formats/importOptions.ts';
import { type WriteOptions, writeOnnx } from '../formats/onnx/write/write.ts';
import { readModel } from '../formats/table.ts';
import type { Metadata } from '../graph/graph.ts';
import type { Samples } from './observe.ts';
import { type CalibrationOptions, quantizeGraph } from './quantizeGraph.ts';

export interface QuantizeOptions extends CalibrationOptions, WriteOptions, ImportOptions {
  /** What messages call the model. */
  readonly name?: string | undefined;
  /** What the new file says of its input and classes, beside or instead of what the old one does. */
  readonly metadata?: Metadata | undefined;
}

/**
 * A quantized ONNX file for one of real numbers: uint8 maps, int8 weights with a scale per output
 * channel, ternary weights in 2 bits. The same samples give the same file on every machine.
 * @param bytes an ONNX or TFLite file with float32 maps
 * @param samples inputs of the kind that the model will see; some hundred are enough
 * @throws ModelError where the file is broken, quantized already, or cannot be written
 * @throws RunError where there are no samples, or they do not fit the inputs
 */
export async function quantize(
  bytes: Uint8Array,
  samples: Samples,
  options: QuantizeOptions = {},
): Promise<Uint8Array> {
  // Node's Buffer is a Uint8Array whose slice() is a view: the importers get the plain kind.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const graph = await readModel(plain, options.name ?? 'the model', options);
  const quantized = await quantizeGraph(graph, samples, options);
  const metadata = { ...quantized.metadata, ...options.metadata };
  return writeOnnx({ ...quantized, metadata }, options);
}
