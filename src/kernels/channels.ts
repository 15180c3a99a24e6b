import { ChannelBoundsArgs, ChannelSumsArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { windowSize } from './geometry.ts';
import { type Channels, callPacker, weightsOf } from './packer.ts';

/** What the channels of a convolution can come to, whatever the input. */
export interface ChannelFacts {
  /** Of each channel the sum of its positive weights, that of its negative ones. */
  readonly sums: Float64Array;
  /** The least and the most of all sums of products, less the input's zero point. */
  readonly least: number;
  readonly most: number;
  /**
   * The largest |accumulator| for bytes as they are, an int32 where it wraps, times its channel's
   * scale: finite where all scales are.
   */
  readonly rawScaled: number;
  /** The largest |accumulator| for bytes less their zero point, times its channel's scale. */
  readonly scaled: number;
}

/** How much of a channel is summed up in a call, which counts in 32 bits. */
const sumBytes = 8 * 1024 * 1024;
/** How many bytes of weights a call takes. */
const callBytes = 16 * 1024 * 1024;

const known = new WeakMap<ConvU8Work, ChannelFacts>();

export function channelsFound(work: ConvU8Work): ChannelFacts {
  let found = known.get(work);
  if (found === undefined) {
    const sums = findSums(work);
    found = { sums, ...findBounds(work, sums) };
    known.set(work, found);
  }
  return found;
}

/** The range of input − inputZeroPoint. */
export function inputRange({ inputZeroPoint: zero }: ConvU8Work): { low: number; high: number } {
  return zero === 'operand' ? { low: -255, high: 255 } : { low: -zero, high: 255 - zero };
}

/** The channels from `first` on, with all that a packer wants of them. */
export function channelsOf(work: ConvU8Work, first: number, count: number): Channels {
  const { bias, result } = work;
  const { sums } = channelsFound(work);
  const { weights, perChannel } = weightsOf(work, first, count);
  const end = first + count;
  return {
    weights,
    perChannel: {
      ...perChannel,
      sums: sums.subarray(2 * first, 2 * end),
      bias: bias.subarray(first, end),
      ...(result.type !== 'i32' && { scale: result.scale.subarray(first, end) }),
      ...(result.type === 'f32' && { realBias: result.bias.subarray(first, end) }),
    },
  };
}

/** Some channels in a call, or a piece of one. */
function findSums(work: ConvU8Work): Float64Array {
  const n = work.outputChannels;
  const k = windowSize(work);
  const most = Math.max(1, Math.floor(callBytes / k));
  const sums = new Float64Array(2 * n);
  for (let channel = 0; channel < n; channel += most) {
    const channels = Math.min(most, n - channel);
    const { weights, perChannel } = weightsOf(work, channel, channels);
    const own = sums.subarray(2 * channel, 2 * (channel + channels));
    for (let first = 0; first < k; first += sumBytes) {
      const length = Math.min(k - first, sumBytes);
      const piece = length === k ? weights : weights.subarray(first, first + length);
      const operands = { weights: piece, perChannel: { ...perChannel, sums: own } };
      const packed = callPacker('channel_sums', ChannelSumsArgs, operands, { k: length, channels });
      own.set(floats(packed.until('sums')));
    }
  }
  return sums;
}

function findBounds(work: ConvU8Work, sums: Float64Array): Omit<ChannelFacts, 'sums'> {
  const { bias, result, outputChannels: channels } = work;
  const scale = result.type === 'i32' ? new Float32Array(channels) : result.scale;
  const packed = callPacker(
    'channel_bounds',
    ChannelBoundsArgs,
    { weights: weightsOf(work, 0, channels).weights, perChannel: { sums, bias, scale } },
    { channels, ...inputRange(work) },
    { bounds: 32 },
  );
  const [least, most, rawScaled, scaled] = floats(packed.until('bounds'));
  return { least: least!, most: most!, rawScaled: rawScaled!, scaled: scaled! };
}

function floats({ buffer, byteOffset, byteLength }: Uint8Array): Float64Array {
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}
