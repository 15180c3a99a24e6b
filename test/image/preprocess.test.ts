import { describe, expect, test } from 'vitest';
import { RunError } from '../../src/errors.ts';
import { allocateImage, encodePixels, encodingTables } from '../../src/image/encode.ts';
import { imageShape, type TensorDescription } from '../../src/image/inputShape.ts';
import type { Pixels } from '../../src/image/pixels.ts';
import {
  type Applied,
  describeApplied,
  type PreprocessOptions,
  settlePreprocessing,
} from '../../src/image/preprocess.ts';

const ramp = Array.from({ length: 256 }, (_, pixel) => pixel);

function tensor(dtype: string, shape: number[], scale?: number, zeroPoint?: number) {
  const input: TensorDescription = { name: 'in', dtype, shape };
  return scale === undefined ? input : { ...input, scale, zeroPoint: zeroPoint ?? 0 };
}

/** What a grey input holds for each pixel value. */
function curve(input: TensorDescription, options: PreprocessOptions = {}, kind?: 'int8') {
  return [...encodingTables(input, settlePreprocessing(input, undefined, options), kind)[0]!];
}

/** The maps of these tests are so small that their shape alone does not tell the layout. */
function encode(input: TensorDescription, pixels: Pixels, given: PreprocessOptions = {}) {
  const options = { layout: 'nhwc', ...given } as const;
  const applied = settlePreprocessing(input, undefined, options);
  const target = allocateImage(
    input,
    input.shape.reduce((a, b) => a * b),
  );
  encodePixels(pixels, applied, applied.order, encodingTables(input, applied), target, 0);
  return [...target];
}

describe('the shape of the input', () => {
  test.each([
    [[1, 224, 200, 3], { layout: 'nhwc', batch: 1, height: 224, width: 200, channels: 3 }],
    [[16, 3, 32, 40], { layout: 'nchw', batch: 16, height: 32, width: 40, channels: 3 }],
    [[1, 49, 10, 1], { layout: 'nhwc', batch: 1, height: 49, width: 10, channels: 1 }],
    [[28, 28, 1], { layout: 'nhwc', batch: 1, height: 28, width: 28, channels: 1 }],
    [[3, 8, 9], { layout: 'nchw', batch: 1, height: 8, width: 9, channels: 3 }],
    [[1, 28, 28], { layout: 'nchw', batch: 1, height: 28, width: 28, channels: 1 }],
  ])('%o', (shape, expected) => {
    expect(imageShape(tensor('uint8', shape))).toEqual(expected);
  });

  test('one that could be either asks for the layout', () => {
    const input = tensor('uint8', [1, 3, 224, 3]);
    expect(() => imageShape(input)).toThrow(/option layout/);
    expect(imageShape(input, 'nchw')).toMatchObject({ height: 224, width: 3, channels: 3 });
    expect(imageShape(input, 'nhwc')).toMatchObject({ height: 3, width: 224, channels: 3 });
  });

  test.each([[[1, 1960]], [[1, 8, 8, 2]], [[]], [[1, 1, 1, 1, 3]]])('%o is no picture', (shape) => {
    expect(() => imageShape(tensor('uint8', shape))).toThrow(RunError);
  });

  test('a layout that does not fit is refused', () => {
    expect(() => imageShape(tensor('uint8', [1, 8, 9, 3]), 'nchw')).toThrow(/nchw/);
  });
});

describe('values', () => {
  test('float32: the quotient in double, rounded once', () => {
    const options = { mean: [123.675], std: [58.395] };
    expect(curve(tensor('float32', [1, 4, 4, 1]), options)).toEqual(
      ramp.map((pixel) => Math.fround((pixel - 123.675) / 58.395)),
    );
  });

  test('mean alone means std 1, std alone means mean 0', () => {
    const input = tensor('float32', [1, 4, 4, 1]);
    expect(curve(input, { mean: [127] })).toEqual(ramp.map((pixel) => pixel - 127));
    expect(curve(input, { std: [255] })).toEqual(ramp.map((p) => Math.fround(p / 255)));
  });

  test('uint8 and int8 without normalisation take the bytes', () => {
    expect(curve(tensor('uint8', [1, 4, 4, 1], 0.1, 3))).toEqual(ramp);
    expect(curve(tensor('int8', [1, 4, 4, 1], 0.1, 3))).toEqual(ramp.map((p) => p - 128));
  });

  test.each([
    ['half a step off', 'uint8', 0.007843137718737125, 127, 127.5, 127.5],
    ['a step off at white', 'uint8', 0.0078125, 128, 127.5, 127.5],
    ['int8, half a step off', 'int8', 0.007843137718737125, -1, 127.5, 127.5],
    ['int8, exact', 'int8', 0.003921568859368563, -128, 0, 255],
  ])(
    'bytes pass unchanged where the quantization undoes mean and std: %s',
    (_, dtype, scale, zeroPoint, mean, std) => {
      const input = tensor(dtype, [1, 4, 4, 1], scale, zeroPoint);
      const offset = dtype === 'int8' ? -128 : 0;
      expect(curve(input, { mean: [mean], std: [std] })).toEqual(ramp.map((p) => p + offset));
    },
  );

  test('8-bit inputs are quantized with halves to even, and clamped', () => {
    const input = tensor('int8', [1, 4, 4, 1], 0.5, 1);
    // 4 / 8 / 0.5 = 1 at pixel 132; odd pixels fall between two steps of a quarter.
    const expected = ramp.map((pixel) => {
      const quotient = (pixel - 128) / 8 / 0.5;
      const low = Math.floor(quotient);
      const even = low % 2 === 0 ? low : low + 1;
      return 1 + (quotient - low === 0.5 ? even : Math.round(quotient));
    });
    expect(curve(input, { mean: [128], std: [8] })).toEqual(expected);
    expect(curve(input, { mean: [128], std: [0.5] }).slice(0, 3)).toEqual([-128, -128, -128]);
  });

  test('signed bytes as numbers', () => {
    const options = { mean: [83], std: [2] };
    const expected = ramp.map((byte) => (((byte << 24) >> 24) - 83) / 2);
    expect(curve(tensor('float32', [1, 49, 10, 1]), options, 'int8')).toEqual(expected);
    const int8 = tensor('int8', [1, 49, 10, 1], 0.58, 83);
    expect(curve(int8, {}, 'int8')).toEqual(ramp.map((byte) => (byte << 24) >> 24));
  });
});

describe('pixels', () => {
  const twoPixels: Pixels = {
    data: Uint8Array.of(1, 2, 3, 4, 5, 6),
    width: 2,
    height: 1,
    channels: 3,
  };

  test.each([
    ['nhwc rgb', [1, 1, 2, 3], {}, [1, 2, 3, 4, 5, 6]],
    ['nhwc bgr', [1, 1, 2, 3], { order: 'bgr' }, [3, 2, 1, 6, 5, 4]],
    ['nchw rgb', [1, 3, 1, 2], { layout: 'nchw' }, [1, 4, 2, 5, 3, 6]],
    ['nchw bgr', [1, 3, 1, 2], { layout: 'nchw', order: 'bgr' }, [3, 6, 2, 5, 1, 4]],
  ] as const)('%s', (_, shape, options, expected) => {
    expect(encode(tensor('uint8', [...shape]), twoPixels, options)).toEqual(expected);
  });

  test('mean and std stand in the order of the input', () => {
    const options = { order: 'bgr', mean: [3, 2, 1], std: [1, 2, 4] } as const;
    expect(encode(tensor('float32', [1, 1, 2, 3]), twoPixels, options)).toEqual([
      0, 0, 0, 3, 1.5, 0.75,
    ]);
  });

  test('colours become grey by BT.601, grey fills three channels', () => {
    const colours = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 90, 90, 90);
    const pixels: Pixels = { data: colours, width: 4, height: 1, channels: 3 };
    expect(encode(tensor('uint8', [1, 1, 4, 1]), pixels)).toEqual([76, 150, 29, 90]);
    const grey: Pixels = { data: Uint8Array.of(7, 9), width: 2, height: 1, channels: 1 };
    expect(encode(tensor('uint8', [1, 1, 2, 3]), grey)).toEqual([7, 7, 7, 9, 9, 9]);
  });

  test('transparency lies over white', () => {
    const data = Uint8ClampedArray.of(10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 128);
    const pixels: Pixels = { data, width: 3, height: 1, channels: 4 };
    expect(encode(tensor('uint8', [1, 1, 3, 3]), pixels)).toEqual([
      10, 20, 30, 255, 255, 255, 127, 127, 127,
    ]);
  });

  test('another size, or too few bytes, is refused', () => {
    const input = tensor('uint8', [1, 2, 2, 3]);
    expect(() => encode(input, twoPixels)).toThrow('got 2x1 pixels, expected 2x2');
    const short = { ...twoPixels, height: 2 };
    expect(() => encode(input, short as Pixels)).toThrow('got 6 bytes, expected 12');
  });
});

describe('settling', () => {
  const float = tensor('float32', [1, 3, 4, 4]);

  test('a float input that nobody speaks of is refused, with the options named', () => {
    expect(() => settlePreprocessing(float, undefined, {})).toThrow(/options mean and std/);
    expect(() => settlePreprocessing(float, { order: 'bgr' }, {})).toThrow(RunError);
  });

  test('the model file speaks unless options do', () => {
    const file = { mean: [1, 2, 3], std: [4], order: 'bgr', fit: 'squash' } as const;
    expect(settlePreprocessing(float, file, {})).toMatchObject({
      mean: [1, 2, 3],
      std: [4, 4, 4],
      order: 'bgr',
      fit: 'squash',
      source: 'model file',
    });
    expect(settlePreprocessing(float, file, { mean: [5], fit: 'crop' })).toMatchObject({
      mean: [5, 5, 5],
      std: [1, 1, 1],
      order: 'bgr',
      fit: 'crop',
      source: 'options',
    });
  });

  test.each([
    [{ mean: [1, 2] }, /option mean: got \[1, 2\], expected 1 or 3/],
    [{ mean: [Number.NaN] }, /finite/],
    [{ std: [1, 0, 1] }, /none of them 0/],
    [{ mean: [0], order: 'grey' }, /rgb or bgr/],
  ] as const)('%o is refused', (options, message) => {
    expect(() => settlePreprocessing(float, undefined, options)).toThrow(message);
  });

  test('it is said in a line', () => {
    const say = (input: TensorDescription, options: PreprocessOptions) =>
      describeApplied(settlePreprocessing(input, undefined, options) as Applied);
    expect(say(float, { mean: [127.5], std: [127.5], order: 'bgr', resize: 8 })).toBe(
      '4x4 bgr, crop after scaling to 8, (pixel - 127.5) / 127.5 by the options',
    );
    expect(say(tensor('uint8', [1, 4, 5, 1]), { fit: 'squash' })).toBe(
      '5x4 grey, squash, bytes as they are (8-bit input, the model file names no normalisation)',
    );
    expect(say(tensor('uint8', [1, 4, 5, 3], 1, 0), { mean: [0, 0, 1] })).toBe(
      '5x4 rgb, crop, bytes as they are, which is (pixel - [0, 0, 1]) / 1 by the options',
    );
  });
});
