/**
 * Made-up pictures: a few waves and a little noise, as smooth as pictures are, the same in every
 * process. Pages and Node processes import this file, so tensors need not travel.
 */

const types = { uint8: Uint8Array, int8: Int8Array, float32: Float32Array };

/** Numbers in [0, 1) of a linear congruential generator. */
function randomOf(seed) {
  let state = Math.imul(seed, 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Bytes [height][width][channels]. */
function picture(seed, [height, width, channels]) {
  const next = randomOf(seed);
  const waves = Array.from({ length: 6 }, () => ({
    down: 8 * next(),
    across: 8 * next(),
    phase: 6.3 * next(),
    shift: 6.3 * next(),
  }));
  const bytes = new Uint8ClampedArray(height * width * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let value = 128 + 20 * (next() - 0.5);
        for (const { down, across, phase, shift } of waves) {
          const horizontal = Math.sin((2 * Math.PI * across * x) / width + phase + channel * shift);
          value += 30 * horizontal * Math.cos((2 * Math.PI * down * y) / height + shift);
        }
        bytes[at++] = value;
      }
    }
  }
  return bytes;
}

/**
 * The input of a file, from a picture that is the same for every form of the network.
 * @param {number} seed
 * @param {{ dtype: string, shape: readonly number[], pixel?: { mean: number, std: number } }} input
 * @param {boolean} channelsFirst the shape is NCHW
 * @returns {Uint8Array | Int8Array | Float32Array}
 */
export function makeInput(seed, { dtype, shape, pixel }, channelsFirst) {
  const [, ...rest] = shape;
  const [height, width, channels] =
    rest.length === 3 ? (channelsFirst ? [rest[1], rest[2], rest[0]] : rest) : [1, rest[0], 1];
  const bytes = picture(seed, [height, width, channels]);
  const pixels = height * width;
  const out = new types[dtype](bytes.length);
  const convert =
    dtype === 'int8'
      ? (byte) => byte - 128
      : dtype === 'float32'
        ? (byte) => (byte - pixel.mean) / pixel.std
        : (byte) => byte;
  for (let i = 0; i < bytes.length; i++) {
    const to = channelsFirst ? (i % channels) * pixels + Math.floor(i / channels) : i;
    out[to] = convert(bytes[i]);
  }
  return out;
}

/** The map of an ONNX file, [channels][height][width], as [height][width][channels]. */
export function toChannelsLast(values, [, height, width, channels]) {
  const pixels = height * width;
  return values.map((_, i) => values[(i % channels) * pixels + Math.floor(i / channels)]);
}
