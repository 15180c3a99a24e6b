import { ChannelsArgs, PackDepthwiseArgs } from '../arguments';
import { Channels } from './channels';
import { PackDot, Split } from './split';

/** Channels of a block. */
const lanes: usize = 8;
/** A block's half of a cell. */
const halfBytes: usize = 32;
/** One dot of a block's channels. */
const dotBytes: usize = 32;

/**
 * Units of one or two blocks of 8 channels, as int8/depthwiseColumns.ts reads them. A block's dots
 * are those of its groups of rows and columns, then those of what bytes cannot hold of them.
 *
 *   weights     i8 or u8 [channels][kernelHeight][kernelWidth]
 *   zeroPoints  i32 [channels]
 *   sums        f64 [channels][2]: of the positive weights, of the negative ones
 *   bias        i32 [channels]; scale f32 [channels]
 *   units       i32 [unitCount][2]: first channel, blocks
 *   taps        scratch, i16 [phases][8][rows]
 *   dots        scratch, [up to 5 * groups * kernelWidth][phases][32 bytes]
 *   offsets     scratch, i32 for each of these
 */
export function pack_depthwise(args: usize): void {
  let unit = load<usize>(args, PackDepthwiseArgs.units);
  for (let left = load<i32>(args, PackDepthwiseArgs.unitCount); left > 0; left--, unit += 8) {
    const first = load<usize>(unit);
    const blocks = load<usize>(unit, 4);
    const output = load<usize>(args, PackDepthwiseArgs.output);
    v128.store(output, v128.load64_zero(unit));
    store<usize>(args, output + 16, PackDepthwiseArgs.output);
    for (let i: usize = 0; i < blocks; i++) {
      const count = makeDots(args, first + lanes * i);
      writeBlock(args, first + lanes * i, count, halfBytes * i);
    }
  }
}

/** The dots of eight channels. @returns how many they are */
function makeDots(args: usize, first: usize): usize {
  const groups = load<usize>(args, PackDepthwiseArgs.groups);
  const columns = load<usize>(args, PackDepthwiseArgs.kernelWidth);
  const allBytes = dotBytes * load<usize>(args, PackDepthwiseArgs.phases);
  const dots = load<usize>(args, PackDepthwiseArgs.dots);
  const offsets = load<usize>(args, PackDepthwiseArgs.offsets);
  let count = groups * columns;
  let to: usize = 0;
  for (let group: usize = 0; group < groups; group++) {
    for (let column: usize = 0; column < columns; column++, to++) {
      readTaps(args, first, group, column);
      const offset =
        group * load<usize>(args, PackDepthwiseArgs.groupBytes) +
        column * load<usize>(args, PackDepthwiseArgs.columnBytes);
      store<usize>(offsets + 4 * to, offset);
      let isLeft = takeDot(args, dots + allBytes * to);
      for (; isLeft; count++) {
        store<usize>(offsets + 4 * count, offset);
        isLeft = takeDot(args, dots + allBytes * count);
      }
    }
  }
  return count;
}

/** What a column has for a group of rows, for each of the output rows that read them. */
function readTaps(args: usize, first: usize, group: usize, column: usize): void {
  const isUnsigned = load<i32>(args, ChannelsArgs.isUnsigned) !== 0;
  const height = load<usize>(args, PackDepthwiseArgs.kernelHeight);
  const width = load<usize>(args, PackDepthwiseArgs.kernelWidth);
  const strideY = load<usize>(args, PackDepthwiseArgs.strideY);
  const rows = load<usize>(args, PackDepthwiseArgs.rows);
  const phases = load<usize>(args, PackDepthwiseArgs.phases);
  const weights = load<usize>(args, ChannelsArgs.weights);
  let tap = load<usize>(args, PackDepthwiseArgs.taps);
  for (let phase: usize = 0; phase < phases; phase++) {
    for (let channel = first; channel < first + lanes; channel++) {
      const zeroPoint = Channels.zeroPoint(args, channel);
      const from = weights + channel * height * width + column;
      for (let i: usize = 0; i < rows; i++, tap += 2) {
        // Of four, the second and the third change places.
        const isMiddle = rows === 4 && (i === 1 || i === 2);
        const place: usize = isMiddle ? 3 - i : i;
        // Above the kernel it is a huge number.
        const y = group * rows + place - phase * strideY;
        let weight: i32 = 0;
        if (y < height) {
          const at = from + y * width;
          weight = (isUnsigned ? <i32>load<u8>(at) : <i32>load<i8>(at)) - zeroPoint;
        }
        store<i16>(tap, weight);
      }
    }
  }
}

/** Takes from the taps what one dot can multiply exactly. @returns whether there is anything left */
function takeDot(args: usize, to: usize): bool {
  const dot = load<i32>(args, PackDepthwiseArgs.dot);
  let tap = load<usize>(args, PackDepthwiseArgs.taps);
  const end = to + dotBytes * load<usize>(args, PackDepthwiseArgs.phases);
  let rest = i64x2.splat(0);
  for (; to < end; to += 16, tap += 16) {
    const low = v128.load(tap);
    if (dot === PackDot.words) {
      v128.store(to, low);
      continue;
    }
    const high = v128.load(tap, 16);
    const first = Split.take(low, dot);
    const last = Split.take(high, dot);
    v128.store(to, i8x16.narrow_i16x8_s(first, last));
    const lowRest = i16x8.sub(low, first);
    const highRest = i16x8.sub(high, last);
    v128.store(tap, lowRest);
    v128.store(tap, highRest, 16);
    rest = v128.or(rest, v128.or(lowRest, highRest));
    tap += 16;
  }
  return v128.any_true(rest);
}

/** Number of dots, whether they are done in squares, offsets, biases, scales, dots. */
function writeBlock(args: usize, first: usize, count: usize, offset: usize): void {
  const phases = load<usize>(args, PackDepthwiseArgs.phases);
  const dots = load<usize>(args, PackDepthwiseArgs.dots);
  const offsets = load<usize>(args, PackDepthwiseArgs.offsets);
  let to = load<usize>(args, PackDepthwiseArgs.output);
  const head = (to + 8 + 4 * count + 15) & ~15;
  memory.fill(head - 16, 0, 16);
  store<usize>(to, count);
  store<i32>(to, isSquare(args, count) ? 1 : 0, 4);
  for (let i: usize = 0; i < count; i++)
    store<usize>(to + 4 * i, load<usize>(offsets + 4 * i) + offset, 8);
  Channels.writeHead(args, head, first, lanes, lanes);
  to = head + 64;
  for (let phase: usize = 0; phase < phases; phase++) {
    for (let i: usize = 0; i < count; i++, to += dotBytes) {
      const from = dots + dotBytes * (i * phases + phase);
      memory.copy(to, from, dotBytes);
    }
  }
  store<usize>(args, to, PackDepthwiseArgs.output);
}

/** Whether the kernel does the block in squares of pixels. */
function isSquare(args: usize, count: usize): bool {
  if (load<i32>(args, PackDepthwiseArgs.fitsSquares) === 0) return false;
  if (count !== 3 * load<usize>(args, PackDepthwiseArgs.groups)) return false;
  if (load<i32>(args, PackDepthwiseArgs.dot) !== PackDot.pairs) return true;
  // The sums over all dots in each 16-bit lane must fit it: 255 * 128 does, -255 * 128 too.
  const bytes = dotBytes * load<usize>(args, PackDepthwiseArgs.phases);
  const dots = load<usize>(args, PackDepthwiseArgs.dots);
  for (let at: usize = 0; at < bytes; at += 16) {
    let sums = i64x2.splat(0);
    let sizes = sums;
    for (let i: usize = 0; i < count; i++) {
      const weights = v128.load(dots + bytes * i + at);
      sums = i16x8.add(sums, i16x8.extadd_pairwise_i8x16_s(weights));
      sizes = i16x8.add(sizes, i16x8.extadd_pairwise_i8x16_u(i8x16.abs(weights)));
    }
    // Twice the larger of the sum of the positive ones and that of the negative ones.
    const most = i16x8.add(sizes, i16x8.abs(sums));
    if (v128.any_true(i16x8.gt_s(most, i16x8.splat(2 * 128)))) return false;
  }
  return true;
}
