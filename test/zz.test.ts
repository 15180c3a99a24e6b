import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'vitest';
import { countLoads } from './energy/countLoads.ts';
import { optimize } from '../src/passes/pipeline.ts';
import { readModel } from '../src/formats/table.ts';
import { makePlan } from '../src/plan/plan.ts';
import { makeMemory } from '../src/run/memory.ts';
import { instantiate } from '../src/kernels/instantiate.ts';
import { catalogue } from '../src/kernels/catalogue.ts';
import { sharedPath } from './shared.ts';
const machines = [
  ['none', 'unsigned', { quads: 'none', pairs: 'none' }],
  ['pairs', 'unsigned', { quads: 'none', pairs: 'unsigned' }],
  ['quads', 'unsigned', { quads: 'unsigned', pairs: 'unsigned' }],
] as const;
const mods = new Map(['unsigned','signed'].map(b => [b, new WebAssembly.Module(countLoads(readFileSync(`build/kernels.${b}.wasm`)))]));
test('x', async () => {
  const rows = new Map();
  for (const [m, b, dots] of machines) for (const file of ['models/cifar10.onnx', sharedPath('models/tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite'), sharedPath('models/onnx/tiny_ternary_int2.onnx'), sharedPath('models/tflite/pretrainedResnet_quant.tflite'), sharedPath('models/onnx/squeezenet_bn_ttq_cifar10.onnx'), sharedPath('models/onnx/microbotnet_x0_25_cifar10.onnx'), sharedPath('models/onnx/mobilenet_v1_0_25_128_qlinear.onnx'), sharedPath('models/onnx/tiny_float_opset21.onnx')]) {
    const graph = optimize(await readModel(new Uint8Array(readFileSync(file)), file));
    const layout = makePlan(graph, { dots: dots as any });
    const memory = makeMemory(layout, false);
    const e: any = instantiate(mods.get(b)!, memory);
    const bytes = new Uint8Array(memory.buffer);
    for (const step of layout.plan.steps) for (const { kernel, work, at, argumentsAt } of step.parts) {
      const k: any = catalogue.find(k => k.name === kernel)!;
      if (!k.executes) continue;
      const packed = k.pack(work).length;
      const ex = k.executes(work, bytes.subarray(at.packed, at.packed + packed));
      e.begin0.value = at.packed; e.bytes0.value = packed; e.loaded0.value = 0;
      e.begin1.value = at.inputs[0]; e.bytes1.value = step.inputShape.reduce((a: number, c: number) => a * c, 1) * (work.family === 'convU8' ? 1 : 4); e.loaded1.value = 0;
      e.begin2.value = at.scratch; e.bytes2.value = k.scratchBytes?.(work) ?? 0; e.loaded2.value = 0;
      e[kernel](argumentsAt);
      const r = [ex.weightReads, e.loaded0.value, ex.inputReads, e.loaded1.value, e.loaded2.value];
      const key = m + ' ' + kernel; const s = rows.get(key) ?? [0,0,0,0,0,0]; rows.set(key, [...s.slice(0,5).map((x: number, i: number) => x + r[i]!), s[5] + 1]);
    }
  }
  for (const [k, r] of rows) console.log(k.padEnd(34), r[5], 'weights', r[0], r[1], (r[1]/r[0]).toFixed(3), 'inputs', r[2], r[3], r[4], ((r[3]+r[4])/r[2]).toFixed(3));
}, 300000);
