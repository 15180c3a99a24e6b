/**
 * LiteRT.js, the TFLite runtime of Google over XNNPACK. Its public interface (2.5.3) knows tensors
 * of float32, int32 and uint8 and refuses files with int8 inputs, so those go through the
 * WebAssembly module below it.
 */
import {
  getDefaultEnvironment,
  getGlobalLiteRt,
  loadAndCompile,
  loadLiteRt,
  Tensor,
} from '@litertjs/core';

export async function load(bytes, { base, threads, input, compat }) {
  const folder = `${base}node_modules/@litertjs/core/wasm/`;
  const runtime = compat ? `${folder}litert_wasm_compat_internal.js` : folder;
  await loadLiteRt(runtime, threads > 1 ? { threads: true } : {});
  const cpuOptions = { numThreads: threads };
  if (input.dtype === 'int8') return loadBelow(bytes, cpuOptions);
  const model = await loadAndCompile(bytes, { accelerator: 'wasm', cpuOptions });
  return {
    async run(data) {
      const tensor = new Tensor(data, input.shape);
      const outputs = await model.run([tensor]);
      const values = outputs[0].toTypedArray();
      tensor.delete();
      for (const output of outputs) output.delete();
      return values;
    },
  };
}

async function loadBelow(bytes, cpuOptions) {
  const wasm = getGlobalLiteRt().liteRtWasm;
  const environment = getDefaultEnvironment();
  const address = wasm._malloc(bytes.length);
  wasm.HEAPU8.set(bytes, address);
  const file = wasm.loadModel(environment.liteRtEnvironment, address, bytes.length);
  const model = await wasm.compileModel(environment.liteRtEnvironment, file, {
    environment,
    accelerator: 'wasm',
    cpuOptions,
    gpuOptions: {},
    webNNOptions: {},
  });
  const type = file.getInputTensorType(0, 0);
  const { READ, WRITE } = wasm.LiteRtTensorBufferLockMode;
  const { HOST_MEMORY } = wasm.LiteRtTensorBufferType;
  const { createManaged } = wasm.LiteRtTensorBuffer;
  return {
    facts: { note: 'int8: below the public interface' },
    async run(data) {
      const input = createManaged(environment.liteRtEnvironment, HOST_MEMORY, type, data.length);
      const codes = new Uint8Array(data.buffer, data.byteOffset, data.length);
      wasm.HEAPU8.set(codes, input.lock(WRITE));
      input.unlock();
      const outputs = await model.run(0, [input]);
      const at = outputs[0].lock(READ);
      const values = new Int8Array(wasm.HEAPU8.slice(at, at + outputs[0].packedSize()).buffer);
      outputs[0].unlock();
      input.delete();
      for (const output of outputs) output.delete();
      return values;
    },
  };
}
