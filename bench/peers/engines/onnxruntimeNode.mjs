/** onnxruntime-node: native code, with whatever instructions the processor has. */
import { InferenceSession, Tensor } from 'onnxruntime-node';

export async function load(bytes, { threads, input }) {
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
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
