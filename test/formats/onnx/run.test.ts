import { describe, expect, test } from 'vitest';
import { elementCount, stridesOf } from '../../../src/graph/shape.ts';
import type { TypedArray } from '../../../src/graph/tensor.ts';
import { loadBytes } from '../../../src/run/load.ts';
import { Model } from '../../../src/run/model.ts';
import { random } from '../../vocabulary.ts';
import { floats, info, integers, type ModelText, modelBytes, tensor } from './modelFile.ts';

const node = (op: string, inputs: string, outputs: string, attributes = {}) => ({
  op,
  inputs: inputs.split(' '),
  outputs: outputs.split(' '),
  attributes,
});

async function run(model: ModelText, ...inputs: TypedArray[]): Promise<number[]> {
  const loaded = await loadBytes(modelBytes(model), {}, Model);
  return Array.from(loaded.run(...inputs) as Float32Array, Number);
}

function noise(count: number, seed: number): number[] {
  const next = random(seed);
  return Array.from({ length: count }, () => Math.round(next() * 16 - 8));
}

/** Weights [in][out / groups][ky][kx], as the specification has them. */
function convTranspose(
  x: readonly number[],
  [channels, height, width]: readonly [number, number, number],
  w: readonly number[],
  [outputs, kernelHeight, kernelWidth]: readonly [number, number, number],
  settings: { strides: number[]; dilations: number[]; groups: number },
  [top, left, outHeight, outWidth]: readonly [number, number, number, number],
): number[] {
  const { strides, dilations, groups } = settings;
  const y = new Array<number>(groups * outputs * outHeight * outWidth).fill(0);
  for (let i = 0; i < channels; i++) {
    const group = Math.floor(i / (channels / groups));
    for (let o = 0; o < outputs; o++) {
      for (let r = 0; r < height; r++) {
        for (let s = 0; s < width; s++) {
          for (let ky = 0; ky < kernelHeight; ky++) {
            for (let kx = 0; kx < kernelWidth; kx++) {
              const row = r * strides[0]! + ky * dilations[0]! - top;
              const column = s * strides[1]! + kx * dilations[1]! - left;
              if (row < 0 || column < 0 || row >= outHeight || column >= outWidth) continue;
              const to = ((group * outputs + o) * outHeight + row) * outWidth + column;
              const weight = w[((i * outputs + o) * kernelHeight + ky) * kernelWidth + kx]!;
              y[to]! += x[(i * height + r) * width + s]! * weight;
            }
          }
        }
      }
    }
  }
  return y;
}

describe('ConvTranspose', () => {
  // [attributes, padding at top and left, output size] for a 3x3 map and a 3x3 kernel
  test.each([
    [{}, [0, 0, 5, 5]],
    [{ strides: [3, 2] }, [0, 0, 9, 7]],
    [{ strides: [3, 2], pads: [1, 2, 1, 2] }, [1, 2, 7, 3]],
    [{ strides: [2, 2], output_padding: [1, 1] }, [0, 0, 8, 8]],
    [{ strides: [3, 2], output_shape: [10, 8] }, [0, 0, 10, 8]],
    [{ strides: [3, 2], output_shape: [8, 4] }, [1, 2, 8, 4]],
    [{ strides: [2, 2], auto_pad: 'SAME_UPPER' }, [0, 0, 6, 6]],
    [{ strides: [2, 2], auto_pad: 'SAME_LOWER' }, [1, 1, 6, 6]],
    [{ dilations: [2, 2] }, [0, 0, 7, 7]],
    [{ group: 2, strides: [2, 1] }, [0, 0, 7, 5]],
  ] as const)('%o', async (attributes, place) => {
    const x = noise(4 * 9, 1);
    const w = noise(4 * 3 * 9, 2);
    const given = attributes as { strides?: number[]; dilations?: number[]; group?: number };
    const { strides = [1, 1], dilations = [1, 1], group: groups = 1 } = given;
    const settings = { strides, dilations, groups };
    const output = await run(
      {
        inputs: [info('x', [1, 4, 3, 3])],
        outputs: [info('y', [1, 3 * groups, place[2], place[3]])],
        constants: [floats('w', [4, 3, 3, 3], ...w)],
        nodes: [node('ConvTranspose', 'x w', 'y', attributes)],
      },
      Float32Array.from(x),
    );
    expect(output).toEqual(convTranspose(x, [4, 3, 3], w, [3, 3, 3], settings, place));
  });
});

describe('maps of one dimension', () => {
  const x = noise(2 * 7, 3);

  test('Conv', async () => {
    const w = noise(3 * 2 * 3, 4);
    const expected = Array.from({ length: 3 * 4 }, (_, i) => {
      const [channel, at] = [Math.floor(i / 4), i % 4];
      let sum = 0;
      for (let input = 0; input < 2; input++) {
        for (let k = 0; k < 3; k++) {
          const from = at * 2 + k - 1;
          if (from >= 0 && from < 7)
            sum += x[input * 7 + from]! * w[(channel * 2 + input) * 3 + k]!;
        }
      }
      return sum;
    });
    const output = await run(
      {
        inputs: [info('x', [1, 2, 7])],
        outputs: [info('y', [1, 3, 4])],
        constants: [floats('w', [3, 2, 3], ...w)],
        nodes: [node('Conv', 'x w', 'y', { strides: [2], pads: [1, 1] })],
      },
      Float32Array.from(x),
    );
    expect(output).toEqual(expected);
  });

  test('MaxPool, then the mean of all', async () => {
    const output = await run(
      {
        inputs: [info('x', [1, 2, 7])],
        outputs: [info('y', [1, 2, 1])],
        nodes: [
          node('MaxPool', 'x', 'p', { kernel_shape: [2], strides: [2] }),
          node('GlobalAveragePool', 'p', 'y'),
        ],
      },
      Float32Array.from(x),
    );
    const means = [0, 7].map((o) => {
      const most = [0, 2, 4].map((i) => Math.max(x[o + i]!, x[o + i + 1]!));
      return Math.fround(most.reduce((a, b) => a + b) / 3);
    });
    expect(output.map((mean, i) => Math.abs(mean - means[i]!) < 1e-6)).toEqual([true, true]);
  });
});

describe('Gemm', () => {
  const a = [1, 2, 3, 4, 5, 6];
  const b = [1, -1, 2, 0, 3, 1];
  const product = (i: number, j: number): number =>
    [0, 1, 2].reduce((sum, k) => sum + a[i * 3 + k]! * b[k * 2 + j]!, 0);

  // C in every shape that broadcasts to [2][2]
  test.each([
    [[], [5]],
    [[1], [5]],
    [[2], [5, 7]],
    [
      [1, 2],
      [5, 7],
    ],
    [
      [2, 1],
      [5, 7],
    ],
    [
      [2, 2],
      [5, 7, 9, 11],
    ],
  ])('C of shape %o', async (shape, numbers) => {
    const strides = stridesOf(shape);
    const term = (i: number, j: number): number => {
      const [row, column] = shape.length === 2 ? [i, j] : [0, j];
      const across = (shape.at(-1) ?? 1) > 1 ? column * strides.at(-1)! : 0;
      const down = shape.length === 2 && shape[0]! > 1 ? row * strides[0]! : 0;
      return numbers[across + down]!;
    };
    const expected = [0, 1].flatMap((i) => [0, 1].map((j) => 2 * product(i, j) + 0.5 * term(i, j)));
    for (const known of [['b', 'c'], ['b'], ['c'], []]) {
      const all = [
        { name: 'b', shape: [3, 2], data: b },
        { name: 'c', shape, data: numbers },
      ];
      const open = all.filter(({ name }) => !known.includes(name));
      const output = await run(
        {
          inputs: [info('a', [2, 3]), ...open.map((t) => info(t.name, t.shape))],
          outputs: [info('y', [2, 2])],
          constants: all
            .filter(({ name }) => known.includes(name))
            .map((t) => floats(t.name, t.shape, ...t.data)),
          nodes: [node('Gemm', 'a b c', 'y', { alpha: { float: 2 }, beta: { float: 0.5 } })],
        },
        Float32Array.from(a),
        ...open.map(({ data }) => Float32Array.from(data)),
      );
      expect(output).toEqual(expected);
    }
  });
});

describe('MatMul', () => {
  // Every pairing of ranks, with b known and not.
  test.each([
    [[3], [3]],
    [[3], [3, 2]],
    [[2, 3], [3]],
    [
      [2, 3],
      [3, 2],
    ],
    [[3], [4, 3, 2]],
    [[4, 2, 3], [3]],
    [
      [4, 2, 3],
      [3, 2],
    ],
    [
      [1, 2, 3],
      [4, 3, 2],
    ],
    [
      [2, 1, 2, 3],
      [4, 3, 2],
    ],
  ])('%o times %o', async (left, right) => {
    const a = noise(elementCount(left), 5);
    const b = noise(elementCount(right), 6);
    const shapes = [
      left.length > 1 ? left : [1, ...left],
      right.length > 1 ? right : [...right, 1],
    ];
    const [m, k] = shapes[0]!.slice(-2) as [number, number];
    const n = shapes[1]!.at(-1)!;
    const batchRank = Math.max(shapes[0]!.length, shapes[1]!.length) - 2;
    const batch = Array.from({ length: batchRank }, (_, i) =>
      Math.max(...shapes.map((s) => s[s.length - 2 - batchRank + i] ?? 1)),
    );
    const expected: number[] = [];
    const indices = stridesOf(batch);
    for (let i = 0; i < elementCount(batch); i++) {
      const base = (shape: number[], size: number): number => {
        const own = shape.slice(0, -2);
        const strides = stridesOf(own);
        return own.reduce((sum, length, axis) => {
          const j = axis + batchRank - own.length;
          const at = Math.floor(i / indices[j]!) % batch[j]!;
          return sum + (length === 1 ? 0 : at * strides[axis]! * size);
        }, 0);
      };
      const [fromA, fromB] = [base(shapes[0]!, m * k), base(shapes[1]!, k * n)];
      for (let row = 0; row < m; row++) {
        for (let column = 0; column < n; column++) {
          let sum = 0;
          for (let j = 0; j < k; j++) sum += a[fromA + row * k + j]! * b[fromB + j * n + column]!;
          expected.push(sum);
        }
      }
    }
    const shape = [...batch, ...(left.length > 1 ? [m] : []), ...(right.length > 1 ? [n] : [])];
    const model = { outputs: [info('y', shape)], nodes: [node('MatMul', 'a b', 'y')] };
    const known = await run(
      { ...model, inputs: [info('a', left)], constants: [floats('b', right, ...b)] },
      Float32Array.from(a),
    );
    expect(known).toEqual(expected);
    const open = await run(
      { ...model, inputs: [info('a', left), info('b', right)] },
      Float32Array.from(a),
      Float32Array.from(b),
    );
    expect(open).toEqual(expected);
  });
});

describe('8-bit numbers without a scale', () => {
  const x = Int8Array.of(-128, -7, 0, 5, 100, 127);

  test.each([
    ['Clip', 'x low high', {}, (q: number) => Math.min(Math.max(q, -5), 90)],
    ['Relu', 'x', {}, (q: number) => Math.max(q, 0)],
  ] as const)('%s', async (op, inputs, attributes, f) => {
    const model = {
      inputs: [info('x', [1, 6], 'int8')],
      outputs: [info('y', [1, 6], 'int8')],
      constants: [
        tensor('low', 'int8', [], Int8Array.of(-5)),
        tensor('high', 'int8', [], Int8Array.of(90)),
      ],
      nodes: [node(op, inputs, 'y', attributes)],
    } as const;
    expect(await run(model, x)).toEqual([...x].map(f));
  });

  test('MaxPool of int8', async () => {
    const model = {
      inputs: [info('x', [1, 1, 2, 3], 'int8')],
      outputs: [info('y', [1, 1, 1, 2], 'int8')],
      nodes: [node('MaxPool', 'x', 'y', { kernel_shape: [2, 2] })],
    } as const;
    expect(await run(model, x)).toEqual([100, 127]);
  });

  test('a move between, then a Dequantize', async () => {
    const model = {
      inputs: [info('x', [2, 3], 'int8')],
      outputs: [info('y', [3, 2])],
      constants: [floats('s', [], 0.5), tensor('z', 'int8', [], Int8Array.of(3))],
      nodes: [node('Transpose', 'x', 't'), node('DequantizeLinear', 't s z', 'y')],
    } as const;
    expect(await run(model, x)).toEqual([-65.5, 1, -5, 48.5, -1.5, 62]);
  });
});

describe('QuantizeLinear', () => {
  const x = [-40, -2.5, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 7, 300];
  const half = (v: number): number => {
    const floor = Math.floor(v);
    return v - floor === 0.5 ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(v);
  };

  test.each([
    ['int8', -128, 127, 3],
    ['uint8', 0, 255, 128],
    ['int4', -8, 7, -1],
    ['uint4', 0, 15, 3],
    ['int2', -2, 1, 1],
    ['uint2', 0, 3, 2],
  ] as const)('%s', async (type, low, high, zero) => {
    const bits = type.endsWith('2') ? 3 : type.endsWith('4') ? 15 : 255;
    const output = await run(
      {
        opset: 25,
        inputs: [info('x', [1, 10])],
        outputs: [info('y', [1, 10], type)],
        constants: [floats('s', [], 1), tensor('z', type, [], Uint8Array.of(zero & bits))],
        nodes: [node('QuantizeLinear', 'x s z', 'y')],
      },
      Float32Array.from(x),
    );
    expect(output).toEqual(x.map((v) => Math.min(Math.max(half(v) + zero, low), high)));
  });

  test('in blocks with zero points, computed and folded', async () => {
    const scales = [1, 2, 0.5, 4, 1];
    const zeros = [0, 5, 255, 128, 1];
    const constants = [
      floats('s', [1, 5], ...scales),
      tensor('z', 'uint8', [1, 5], Uint8Array.from(zeros)),
    ];
    const quantize = node('QuantizeLinear', 'x s z', 'y', { axis: 1, block_size: 2 });
    const expected = x.map((v, i) => {
      const at = Math.floor(i / 2);
      return Math.min(Math.max(half(v / scales[at]!) + zeros[at]!, 0), 255);
    });
    const outputs = [info('y', [1, 10], 'uint8')];
    const computed = await run(
      { opset: 21, inputs: [info('x', [1, 10])], outputs, constants, nodes: [quantize] },
      Float32Array.from(x),
    );
    expect(computed).toEqual(expected);
    const known = [...constants, floats('x', [1, 10], ...x)];
    const folded = await run({ opset: 21, outputs, constants: known, nodes: [quantize] });
    expect(folded).toEqual(expected);
  });
});

test('negative pads cut, positive ones add', async () => {
  const output = await run(
    {
      inputs: [info('x', [2, 4])],
      outputs: [info('y', [3, 3])],
      constants: [integers('pads', 1, -2, 0, 1), floats('v', [], 9)],
      nodes: [node('Pad', 'x pads v', 'y')],
    },
    Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  );
  expect(output).toEqual([9, 9, 9, 3, 4, 9, 7, 8, 9]);
});

test.each(['Max', 'Min'])('%s of a tensor and a number', async (op) => {
  const output = await run(
    {
      inputs: [info('x', [4])],
      outputs: [info('y', [4])],
      constants: [floats('b', [], 1.5)],
      nodes: [node(op, 'b x', 'y')],
    },
    Float32Array.of(-1, 1, 2, 3),
  );
  const f = op === 'Max' ? Math.max : Math.min;
  expect(output).toEqual([-1, 1, 2, 3].map((x) => f(x, 1.5)));
});

describe('com.microsoft', () => {
  const one = floats('s', [], 1);
  const constants = [one, tensor('z', 'uint8', [], Uint8Array.of(0))];
  const x = Uint8Array.of(0, 10, 4, 20, 8, 30, 16, 41);
  const microsoft = (op: string, attributes: object) => ({
    ...node(op, 'x s z s z', 'y', attributes),
    domain: 'com.microsoft',
  });

  test.each([0, 1])('QLinearGlobalAveragePool, channels_last %i', async (last) => {
    const output = await run(
      {
        domains: ['com.microsoft'],
        inputs: [info('x', [1, 2, 2, 2], 'uint8')],
        outputs: [info('y', last ? [1, 1, 1, 2] : [1, 2, 1, 1], 'uint8')],
        constants,
        nodes: [microsoft('QLinearGlobalAveragePool', { channels_last: last })],
      },
      x,
    );
    // Means 7, 25.25 of the even and odd elements; 8.5, 23.75 of the halves.
    expect(output).toEqual(last ? [7, 25] : [8, 24]);
  });

  test('QLinearAveragePool, channels_last', async () => {
    const output = await run(
      {
        domains: ['com.microsoft'],
        inputs: [info('x', [1, 2, 2, 2], 'uint8')],
        outputs: [info('y', [1, 1, 2, 2], 'uint8')],
        constants,
        nodes: [microsoft('QLinearAveragePool', { channels_last: 1, kernel_shape: [2, 1] })],
      },
      x,
    );
    expect(output).toEqual([4, 20, 10, 30]);
  });

  test('QGemm with a float result', async () => {
    const output = await run(
      {
        domains: ['com.microsoft'],
        inputs: [info('x', [2, 4], 'uint8')],
        outputs: [info('y', [2, 1])],
        constants: [
          ...constants,
          tensor('w', 'int8', [1, 4], Int8Array.of(1, -1, 2, 0)),
          floats('ws', [], 0.5),
          tensor('wz', 'int8', [], Int8Array.of(0)),
          tensor('c', 'int32', [1], Int32Array.of(6)),
        ],
        nodes: [
          {
            ...node('QGemm', 'x s z w ws wz c', 'y', { transB: 1, alpha: { float: 2 } }),
            domain: 'com.microsoft',
          },
        ],
      },
      x,
    );
    // In steps of 2 * 1 * 0.5.
    expect(output).toEqual([0 - 10 + 8 + 6, 8 - 30 + 32 + 6]);
  });
});

describe('Resize', () => {
  const map = Float32Array.of(1, 2, 3, 4);
  const nearest = {
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  };
  const enlarged = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4];

  test.each([
    ['sizes', [1, 1, 4, 4], {}],
    ['sizes of two axes', [4, 4], { axes: [2, 3] }],
    ['axes the other way round', [4, 4], { axes: [-1, 2] }],
    ['not larger', [4, 9], { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger' }],
    ['not smaller', [3, 4], { axes: [2, 3], keep_aspect_ratio_policy: 'not_smaller' }],
  ])('%s', async (_, sizes, attributes) => {
    const output = await run(
      {
        opset: 19,
        inputs: [info('x', [1, 1, 2, 2])],
        outputs: [info('y', [1, 1, 4, 4])],
        constants: [integers('n', ...sizes)],
        nodes: [
          {
            op: 'Resize',
            inputs: ['x', '', '', 'n'],
            outputs: ['y'],
            attributes: { ...nearest, ...attributes },
          },
        ],
      },
      map,
    );
    expect(output).toEqual(enlarged);
  });

  test('height and width in the middle', async () => {
    const output = await run(
      {
        inputs: [info('x', [1, 2, 2, 1])],
        outputs: [info('y', [1, 4, 4, 1])],
        constants: [floats('n', [4], 1, 2, 2, 1)],
        nodes: [{ op: 'Resize', inputs: ['x', '', 'n'], outputs: ['y'], attributes: nearest }],
      },
      map,
    );
    expect(output).toEqual(enlarged);
  });
});
