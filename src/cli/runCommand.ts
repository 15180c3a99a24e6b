import { RunError } from '../errors.ts';
import { bytesPerElement, type TypedArray, viewOf } from '../graph/tensor.ts';
import type { Model, TensorInfo } from '../index.ts';
import { loadModel, readBytes, writeFiles } from './files.ts';
import { count, milliseconds, print } from './report.ts';

export interface RunFlags {
  readonly input: string[];
  readonly output: string[];
  readonly json?: boolean;
}

/** Raw little-endian tensors in, raw little-endian tensors out, as the model declares them. */
export async function runCommand(path: string, flags: RunFlags) {
  const model = await loadModel(path);
  checkCount(model, 'input', model.inputs, flags.input);
  checkCount(model, 'output', model.outputs, flags.output);
  const inputs = [];
  for (const [i, tensor] of model.inputs.entries())
    inputs.push(await readTensor(flags.input[i]!, tensor));

  const start = performance.now();
  const result = model.run(...inputs);
  const latencyMs = performance.now() - start;
  const results = Array.isArray(result) ? result : [result];
  const files = results.map(({ buffer, byteOffset, byteLength }, i) => ({
    path: flags.output[i]!,
    bytes: new Uint8Array(buffer, byteOffset, byteLength),
  }));
  await writeFiles(files);

  const outputs = model.outputs.map(({ name, dtype, shape }, i) => ({
    name,
    dtype,
    shape,
    file: flags.output[i]!,
    bytes: files[i]!.bytes.length,
  }));
  if (flags.json) {
    print({ latencyMs, outputs });
    return;
  }
  for (const { name, dtype, shape, file, bytes } of outputs)
    print(`${file}: ${name}, ${dtype} [${shape.join(', ')}], ${count(bytes)} bytes`);
  print(`${milliseconds(latencyMs)}, first run`);
}

async function readTensor(path: string, tensor: TensorInfo): Promise<TypedArray> {
  const bytes = await readBytes(path);
  const length = tensor.shape.reduce((a, b) => a * b, 1);
  const expected = length * bytesPerElement[tensor.dtype];
  if (bytes.length !== expected) {
    throw new RunError({
      where: path,
      got: `${count(bytes.length)} bytes`,
      expected: `${count(expected)}: ${tensor.dtype} [${tensor.shape.join(', ')}] for input "${tensor.name}"`,
      advice: 'give a raw little-endian tensor without a header',
    });
  }
  // A copy: the reader's buffer need not be aligned to the element.
  return viewOf(tensor.dtype, new Uint8Array(bytes).buffer, 0, length);
}

function checkCount(
  model: Model,
  kind: 'input' | 'output',
  tensors: readonly TensorInfo[],
  files: readonly string[],
) {
  if (tensors.length === files.length) return;
  const names = tensors.map(({ name }) => `"${name}"`).join(', ');
  throw new RunError({
    where: model.name,
    got: `${files.length} files for --${kind}`,
    expected: `${tensors.length}, one for each of ${names}`,
    advice: `give them in this order after --${kind}`,
  });
}
