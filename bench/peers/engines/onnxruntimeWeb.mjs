/**
 * onnxruntime-web: ONNX Runtime in WebAssembly. Node gets its entry for Node, the only one whose
 * threads start there; bundle.mjs gives pages the entry without GPU.
 */
import { env, InferenceSession, Tensor } from 'onnxruntime-web';

export async function load(bytes, { base, threads, input }) {
  if (base !== undefined) env.wasm.wasmPaths = `${base}node_modules/onnxruntime-web/dist/`;
  env.wasm.numThreads = threads;
  env.logLevel = 'error';
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  const [from] = session.inputNames;
  const [to] = session.outputNames;
  return {
    async run(data) {
      const results = await session.run({ [from]: new Tensor(input.dtype, data, input.shape) });
      return results[to].data;
    },
  };
}
