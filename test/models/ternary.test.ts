import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { quantize } from '../../src/quantize/quantize.ts';
import { loadBytes } from '../../src/run/load.ts';
import { Model } from '../../src/run/model.ts';
import { hasShared, readShared } from '../shared.ts';

interface Settings {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const cifar: Settings = {
  mean: [0.4914, 0.4822, 0.4465].map((v) => 255 * v),
  std: [0.2023, 0.1994, 0.201].map((v) => 255 * v),
};
const resnet: Settings = { mean: [125.3, 123.0, 113.9], std: [63.0, 62.1, 66.7] };

/** Every so many pictures of the test set, with the numbers of their classes. */
async function pictures(every: number, first: number) {
  const files = unzipSync(readShared('data/cifar10-jpeg-test-a.zip'));
  const names = Object.keys(files)
    .filter((name) => name.endsWith('.jpg'))
    .sort();
  const folders = [...new Set(names.map((name) => name.split('/').at(-2)))].sort();
  const chosen = names.filter((_, i) => i % every === first);
  return Promise.all(
    chosen.map(async (name) => ({
      pixels: await sharp(files[name]!).raw().toBuffer(),
      class: folders.indexOf(name.split('/').at(-2)),
    })),
  );
}

function inputOf({ pixels }: { pixels: Uint8Array }, { mean, std }: Settings): Float32Array {
  return Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => {
    const c = Math.floor(i / 1024);
    return (pixels[(i % 1024) * 3 + c]! - mean[c]!) / std[c]!;
  });
}

function best(scores: Float32Array): number {
  return scores.indexOf(Math.max(...scores));
}

/**
 * `npm run bench:ternary` has all of them, on all pictures and beside onnxruntime. Agreement: of the
 * quantized network with the real one, whose own scores the goldens hold to onnxruntime's.
 */
describe.skipIf(!hasShared)('ternary networks, quantized', () => {
  test.each([
    ['resnet20_ec2t_z64_cifar10', resnet, 0.97],
    ['squeezenet_bn_ttq_cifar10', cifar, 0.97],
    ['microbotnet_x0_50_ttq_cifar10', cifar, 0.95],
  ] as const)('%s keeps its answers', async (name, settings, agreement) => {
    const file = readShared(`models/onnx/${name}.onnx`);
    const samples = (await pictures(50, 7)).map((picture) => inputOf(picture, settings));
    const quantized = await quantize(file, samples, { name });
    expect(file.length / quantized.length).toBeGreaterThan(2.5);
    using real = await loadBytes(file, { name }, Model);
    using integer = await loadBytes(quantized, { name }, Model);
    const families = integer.plan.steps.map(({ work }) => work.family);
    expect(families).not.toContain('convF32');
    expect(families).not.toContain('dequantize');

    const seen = await pictures(25, 3);
    let [same, right, rightBefore] = [0, 0, 0];
    for (const picture of seen) {
      const input = inputOf(picture, settings);
      const expected = best(real.run(input) as Float32Array);
      const got = best(integer.run(input) as Float32Array);
      if (got === expected) same++;
      if (got === picture.class) right++;
      if (expected === picture.class) rightBefore++;
    }
    expect(same / seen.length).toBeGreaterThanOrEqual(agreement);
    expect(Math.abs(right - rightBefore) / seen.length).toBeLessThanOrEqual(0.01);
  });
});
