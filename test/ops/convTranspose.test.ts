import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noClamp, type Pads, type Pair } from '../../src/graph/node.ts';
import { builder, bytes, floats, scale } from '../passes/graphs.ts';
import { runGraph } from '../run/runGraph.ts';

interface Case {
  readonly input: readonly [batch: number, height: number, width: number, channels: number];
  readonly out: number;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
  readonly outputPadding: Pair;
  readonly groups: number;
}

/** Every input cell adds its weights to the window of the output that it covers. */
function scatter(c: Case, x: ArrayLike<number>, w: ArrayLike<number>, shape: readonly number[]) {
  const [batch, height, width, channels] = c.input;
  const [, outHeight = 1, outWidth = 1, out = 1] = shape;
  const inGroup = channels / c.groups;
  const outGroup = out / c.groups;
  const sums = new Float64Array(batch * outHeight * outWidth * out);
  for (let n = 0; n < batch; n++)
    for (let y = 0; y < height; y++)
      for (let xx = 0; xx < width; xx++)
        for (let i = 0; i < channels; i++)
          for (let ky = 0; ky < c.kernel[0]; ky++)
            for (let kx = 0; kx < c.kernel[1]; kx++) {
              const oy = y * c.strides[0] + ky * c.dilations[0] - c.pads[0];
              const ox = xx * c.strides[1] + kx * c.dilations[1] - c.pads[1];
              if (oy < 0 || ox < 0 || oy >= outHeight || ox >= outWidth) continue;
              const group = Math.floor(i / inGroup);
              for (let o = group * outGroup; o < (group + 1) * outGroup; o++) {
                const tap = ((o * c.kernel[0] + ky) * c.kernel[1] + kx) * inGroup + (i % inGroup);
                sums[((n * outHeight + oy) * outWidth + ox) * out + o]! +=
                  x[((n * height + y) * width + xx) * channels + i]! * w[tap]!;
              }
            }
  return sums;
}

const small = (max: number) => fc.integer({ min: 1, max });
const cases: fc.Arbitrary<Case> = fc
  .record({
    batch: small(2),
    size: fc.tuple(small(5), small(5)),
    groups: small(3),
    inGroup: small(3),
    outGroup: small(3),
    kernel: fc.tuple(small(4), small(4)),
    strides: fc.tuple(small(3), small(3)),
    dilations: fc.tuple(small(2), small(2)),
    pads: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
    padding: fc.tuple(fc.nat(2), fc.nat(2)),
  })
  .map(({ batch, size, groups, inGroup, outGroup, padding, ...rest }) => ({
    ...rest,
    input: [batch, size[0], size[1], groups * inGroup] as const,
    out: groups * outGroup,
    groups,
    outputPadding: padding.map((p, i) => Math.min(p, rest.strides[i]! - 1)) as [number, number],
  }))
  .filter((c) =>
    [0, 1].every((axis) => {
      const span = (c.kernel[axis]! - 1) * c.dilations[axis]! + 1;
      const size = (c.input[axis + 1]! - 1) * c.strides[axis]! + span + c.outputPadding[axis]!;
      const cells = (c.input[axis + 1]! - 1) * c.strides[axis]! + span;
      return size - c.pads[axis]! - c.pads[axis + 2]! >= 1 && c.pads[axis]! < cells;
    }),
  );

function attributes({ strides, dilations, pads, outputPadding, groups }: Case) {
  return { strides, dilations, pads, outputPadding, groups, ...noClamp };
}

test('float32 equals the scattered sum', async () => {
  const property = fc.asyncProperty(cases, fc.nat(), async (c, seed) => {
    const b = builder();
    const shape = [c.out, ...c.kernel, c.input[3] / c.groups];
    const weights = floats(shape, seed);
    const w = b.constant('w', 'float32', shape, weights);
    const x = b.input('x', 'float32', c.input);
    const [y] = b.node('ConvTranspose', 't', [x, w], attributes(c), [
      { id: 'y', dtype: 'float32' },
    ]);
    const input = floats(c.input, seed + 1);
    const [got] = (await runGraph(b.build([y!]), input)) as [Float32Array];
    const expected = scatter(c, input, weights, y!.shape);
    got.forEach((value, i) => void expect(value).toBeCloseTo(expected[i]!, 4));
  });
  await fc.assert(property, { numRuns: 60 });
});

test('8 bits equal the scattered sum of differences, requantized', async () => {
  const property = fc.asyncProperty(cases, fc.nat(), async (c, seed) => {
    const b = builder();
    const shape = [c.out, ...c.kernel, c.input[3] / c.groups];
    const weights = Int8Array.from(bytes(shape, seed), (q) => q - 128);
    const w = b.constant('w', 'int8', shape, weights, { quantization: scale(0.5) });
    const x = b.input('x', 'uint8', c.input, scale(0.5, 77));
    const output = [{ id: 'y', dtype: 'uint8', quantization: scale(128, 100) }] as const;
    const [y] = b.node('ConvTranspose', 't', [x, w], attributes(c), output);
    const input = bytes(c.input, seed + 1);
    const [got] = await runGraph(b.build([y!]), input);
    const sums = scatter(
      c,
      Int16Array.from(input, (q) => q - 77),
      weights,
      y!.shape,
    );
    const expected = Uint8Array.from(sums, (sum) => {
      const scaled = sum / 512;
      const tie = Math.abs(scaled % 1) === 0.5;
      const rounded = tie ? 2 * Math.round(scaled / 2) : Math.round(scaled);
      return Math.min(Math.max(rounded + 100, 0), 255);
    });
    expect(got).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 60 });
});
