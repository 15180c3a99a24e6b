import { ModelError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { ImportOptions } from './importOptions.ts';
import { sniffOnnx } from './onnx/sniff.ts';
import { readTflite } from './tflite/read.ts';
import { sniffTflite } from './tflite/sniff.ts';

interface Format {
  readonly sniff: (bytes: Uint8Array) => boolean;
  /** What reads it: a page that has TFLite files does not evaluate the scripts for ONNX. */
  readonly reader: () => Promise<(bytes: Uint8Array, options?: ImportOptions) => Graph>;
}

const formats: readonly Format[] = [
  { sniff: sniffTflite, reader: async () => readTflite },
  { sniff: sniffOnnx, reader: async () => (await import('./onnx/read.ts')).readOnnx },
];

/**
 * The graph of a model file of any known format.
 * @param name what messages call the file
 * @throws ModelError where the bytes are no model, a broken one, or one that needs more than there is
 */
export async function readModel(
  bytes: Uint8Array,
  name: string,
  options?: ImportOptions,
): Promise<Graph> {
  const format = formats.find(({ sniff }) => sniff(bytes));
  if (format !== undefined) return (await format.reader())(bytes, options);
  const start = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0'));
  throw new ModelError({
    where: name,
    got: bytes.length === 0 ? 'an empty file' : `a file that begins with ${start.join(' ')}`,
    expected: 'a TFLite or an ONNX model',
    advice: 'check that the download is whole, and the file a model',
  });
}
