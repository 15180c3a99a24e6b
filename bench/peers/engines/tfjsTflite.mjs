/**
 * tfjs-tflite, an older TFLite runtime over XNNPACK (SIMD128, no relaxed SIMD). It is driven below
 * its tensors, which makes it faster: the runner's own views of the input and the output.
 */
import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
// The package's own entry for bundlers (0.0.1-alpha.10) imports a file that is not there.
import { loadTFLiteModel, setWasmPath } from '@tensorflow/tfjs-tflite/dist/tf-tflite.fesm.min.js';

export async function load(bytes, { base, threads }) {
  setWasmPath(`${base}node_modules/@tensorflow/tfjs-tflite/wasm/`);
  await setBackend('cpu');
  const model = await loadTFLiteModel(bytes.slice().buffer, { numThreads: threads });
  const runner = model.modelRunner;
  const [input] = runner.getInputs();
  const [output] = runner.getOutputs();
  return {
    facts: { note: 'below its tensors' },
    run(data) {
      input.data().set(data);
      if (!runner.infer()) throw new Error('infer() failed');
      return output.data();
    },
  };
}
