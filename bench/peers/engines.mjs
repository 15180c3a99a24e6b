/**
 * The contestants. `adapter` is a file of engines/, which runs in a page and in a Node process;
 * `packages` are what it needs from node_modules; `options` go to its load().
 * `float`: computes in float32, so its outputs say nothing about bytes.
 * `onDemand`: takes part only where --engines names it.
 */
export const engines = [
  {
    name: 'litert',
    title: 'LiteRT.js',
    adapter: 'litert',
    packages: ['@litertjs/core'],
    formats: ['tflite'],
    places: ['chromium'],
  },
  {
    name: 'litert-compat',
    title: 'LiteRT.js, its build without relaxed SIMD',
    adapter: 'litert',
    options: { compat: true },
    packages: ['@litertjs/core'],
    formats: ['tflite'],
    places: ['chromium'],
    onDemand: true,
  },
  {
    name: 'tfjs-tflite',
    title: 'tfjs-tflite',
    adapter: 'tfjsTflite',
    packages: ['@tensorflow/tfjs-tflite', '@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'],
    formats: ['tflite'],
    places: ['chromium'],
  },
  {
    name: 'ort-web',
    title: 'onnxruntime-web',
    adapter: 'onnxruntimeWeb',
    packages: ['onnxruntime-web'],
    formats: ['onnx'],
    places: ['chromium', 'node'],
  },
  {
    name: 'ort-node',
    title: 'onnxruntime-node (native)',
    adapter: 'onnxruntimeNode',
    packages: ['onnxruntime-node'],
    formats: ['onnx'],
    places: ['node'],
  },
  {
    name: 'tfjs-wasm',
    title: 'tfjs-backend-wasm (float32)',
    adapter: 'tfjsWasm',
    packages: ['@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-core'],
    formats: ['tflite'],
    places: ['chromium', 'node'],
    float: true,
  },
  {
    name: 'microjoule',
    title: 'microjoule',
    adapter: 'microjoule',
    packages: [],
    formats: ['tflite', 'onnx'],
    places: ['chromium', 'node'],
    own: true,
  },
  {
    name: 'microjoule-baseline',
    title: 'microjoule, baseline binary',
    adapter: 'microjoule',
    options: { binary: 'baseline' },
    packages: [],
    formats: ['tflite', 'onnx'],
    places: ['chromium', 'node'],
    own: true,
  },
];
