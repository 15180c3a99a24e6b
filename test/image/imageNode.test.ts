import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunError } from '../../src/errors.ts';
import { readImage } from '../../src/image/imageNode.ts';

const size = { width: 4, height: 3 };

/** RGB rows of 3 bytes a pixel that tell row, column and channel apart. */
function pattern(width: number, height: number): Buffer {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3);
    const x = pixel % width;
    const y = Math.floor(pixel / width);
    data[i] = [20 * x, 30 * y, 10 * (x + y)][i % 3]!;
  }
  return data;
}

function picture(width: number, height: number, data = pattern(width, height), channels = 3) {
  return sharp(data, { raw: { width, height, channels: channels as 3 } });
}

describe('decoding', () => {
  test.each(['png', 'webp', 'tiff'] as const)(
    '%s without loss gives the same pixels',
    async (format) => {
      const lossless = { png: {}, webp: { lossless: true }, tiff: { compression: 'lzw' } } as const;
      const bytes = await picture(4, 3).toFormat(format, lossless[format]).toBuffer();
      const pixels = await readImage(bytes, size);
      expect(pixels).toMatchObject({ width: 4, height: 3, channels: 3 });
      expect([...pixels.data]).toEqual([...pattern(4, 3)]);
    },
  );

  test('grey becomes equal red, green and blue, or stays one channel', async () => {
    const grey = await picture(4, 3, Buffer.from(Array.from({ length: 12 }, (_, i) => 9 * i)), 1)
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const { data, channels } = await readImage(grey, size);
    const samples = Array.from({ length: 12 }, (_, i) => [
      ...data.slice(i * channels, (i + 1) * channels),
    ]);
    samples.forEach((sample, i) => {
      for (const value of sample) expect(value).toBe(9 * i);
    });
  });

  test('16-bit samples keep their upper byte', async () => {
    const wide = new Uint16Array(pattern(4, 3)).map((value) => value * 257);
    const bytes = await sharp(wide, { raw: { width: 4, height: 3, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    expect([...(await readImage(bytes, size)).data]).toEqual([...pattern(4, 3)]);
  });

  test('CMYK comes out as RGB', async () => {
    const bytes = await picture(8, 8, Buffer.alloc(192, 255))
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    const { data, channels } = await readImage(bytes, { width: 8, height: 8 });
    expect(channels).toBe(3);
    for (const value of data) expect(value).toBeGreaterThan(245);
  });

  test('transparency lies over white', async () => {
    const data = Buffer.from([10, 20, 30, 255, 10, 20, 30, 0]);
    const bytes = await picture(2, 1, data, 4).png().toBuffer();
    const pixels = await readImage(bytes, { width: 2, height: 1 });
    expect([...pixels.data]).toEqual([10, 20, 30, 255, 255, 255]);
  });

  test('the picture is turned as its EXIF data says', async () => {
    // Orientation 6: the file's rows from top to bottom are the columns from right to left.
    const bytes = await picture(3, 4).withMetadata({ orientation: 6 }).png().toBuffer();
    const turned = await readImage(bytes, size);
    const upright = await picture(3, 4).rotate(90).raw().toBuffer();
    expect([...turned.data]).toEqual([...upright]);
  });
});

describe('fitting', () => {
  test('a border of a few pixels is cut off without touching the others', async () => {
    const bytes = await picture(11, 12).png().toBuffer();
    const pixels = await readImage(bytes, { width: 10, height: 10 });
    const expected = await picture(11, 12)
      .extract({ left: 0, top: 1, width: 10, height: 10 })
      .raw()
      .toBuffer();
    expect([...pixels.data]).toEqual([...expected]);
  });

  test('halving by a triangle filter smooths, where nearest would alias', async () => {
    const stripes = Buffer.from(
      Array.from({ length: 64 * 64 * 3 }, (_, i) => (Math.floor(i / 3) % 2) * 255),
    );
    const bytes = await picture(64, 64, stripes).png().toBuffer();
    const { data } = await readImage(bytes, { width: 16, height: 16 }, { fit: 'squash' });
    for (const value of data) expect(Math.abs(value - 127.5)).toBeLessThan(24);
  });

  test('a wide picture is cut, or squashed', async () => {
    const left = Buffer.from(
      Array.from({ length: 90 * 30 * 3 }, (_, i) => (Math.floor(i / 3) % 90 < 30 ? 255 : 0)),
    );
    const bytes = await picture(90, 30, left).png().toBuffer();
    const target = { width: 10, height: 10 };
    const cut = await readImage(bytes, target);
    expect(Math.max(...cut.data.slice(3 * 2, 3 * 10))).toBe(0);
    const squashed = await readImage(bytes, target, { fit: 'squash' });
    expect([squashed.data[0], squashed.data[29]]).toEqual([255, 0]);
  });
});

describe('what is no picture', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'microjoule-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const refused = async (source: string | Uint8Array) => {
    const error = await readImage(source, size).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RunError);
    return String((error as Error).message);
  };

  test('is refused with its name', async () => {
    expect(await refused(join(folder, 'absent.png'))).toMatch(/absent\.png: got no such file/);
    expect(await refused(folder)).toMatch(/got a folder/);
    const text = join(folder, 'text.jpg');
    await writeFile(text, 'not a picture at all');
    expect(await refused(text)).toMatch(/text\.jpg: .*expected a picture/);
    expect(await refused(new Uint8Array(0))).toMatch(/an empty file/);
  });

  test('is refused where it is cut short', async () => {
    const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251));
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const bytes = await picture(64, 64, noise).toFormat(format).toBuffer();
      await refused(bytes.subarray(0, Math.floor(bytes.length / 2)));
    }
  });
});
