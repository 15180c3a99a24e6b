import { ConvArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { geometryOf, isPointwise, outputPixels, windowSize } from './geometry.ts';
import { type Kernel, kernel } from './kernel.ts';
import {
  checkAccumulators,
  headBytes,
  lanes,
  parameterBytes,
  writeHead,
  writeParameters,
  zeroPointOffset,
} from './packConvU8.ts';

/** Rows to take at a time: they should stay in L2 while the weights pass by. */
const blockBytes = 64 * 1024;
const tileRows = 6;

const names = {
  u8: 'conv_u8u8_6x8c4',
  i32: 'conv_u8i32_6x8c4',
  f32: 'conv_u8f32_6x8c4',
} as const;

function convBytesOf(type: keyof typeof names): Kernel<ConvU8Work> {
  return kernel<ConvU8Work, typeof ConvArgs>(ConvArgs, {
    name: names[type],
    family: 'convU8',
    dots: { quads: 'unsigned' },
    fits: (work) =>
      work.result.type === type &&
      work.groups === 1 &&
      work.inputZeroPoint !== 'operand' &&
      (hasByteWeights(work) || canSum(work))
        ? `exact dots of bytes on this machine${isPointwise(work) ? ', no windows to gather' : ''}`
        : undefined,
    pack: packConvBytes,
    scratchBytes: (work) => panelBytes(work) + (hasByteWeights(work) ? 0 : sumBytes(work)),
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      parameters: at.packed,
      weights: at.packed + parameterBytes,
      scratch: at.scratch,
      inputZeroPoint: at.packed + zeroPointOffset,
      ...geometryOf(work),
      groups: 1,
      rowBytes: rowBytes(work),
      blockRows: blockRows(work),
      isPointwise: isPointwise(work) ? 1 : 0,
      sums: hasByteWeights(work) ? 0 : at.scratch + panelBytes(work),
      ones: at.packed + onesOffset(work),
    }),
  });
}

/** Whether the weights can be split into bytes and a share of the window's sum. */
function canSum({ result, weights }: ConvU8Work): boolean {
  return result.type === 'u8' && weights instanceof Uint8Array;
}

/** The windows in scratch, and what the last row's copies spill. */
function panelBytes(work: ConvU8Work): number {
  return isPointwise(work) ? 0 : blockRows(work) * rowBytes(work) + 64;
}

/** A sum for each window of a block; the tile loads those of its six rows. */
function sumBytes(work: ConvU8Work): number {
  return 4 * blockRows(work);
}

/** Bytes of 8 channels. */
function blockStride(work: ConvU8Work): number {
  const head = headBytes(work) + (hasByteWeights(work) ? 0 : 32);
  return head + lanes * 8 * Math.ceil(windowSize(work) / 8);
}

/** The ones stand behind the weights. */
function onesOffset(work: ConvU8Work): number {
  return parameterBytes + Math.ceil(work.outputChannels / lanes) * blockStride(work);
}

/** 1x1 windows lie in the input, as it is. */
function rowBytes(work: ConvU8Work): number {
  const k = windowSize(work);
  return isPointwise(work) ? k : 8 * Math.ceil(k / 8);
}

function blockRows(work: ConvU8Work): number {
  const fitting = Math.max(1, Math.floor(blockBytes / rowBytes(work) / tileRows));
  return tileRows * Math.min(fitting, Math.ceil(outputPixels(work) / tileRows));
}

const byteWeights = new WeakMap<ConvU8Work, boolean>();

/** Whether the weights less their zero points are signed bytes; looked at once. */
function hasByteWeights(work: ConvU8Work): boolean {
  let fits = byteWeights.get(work);
  if (fits === undefined) {
    const { weights, weightZeroPoint } = work;
    const k = windowSize(work);
    fits = weights.every((weight, i) => {
      const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : Math.floor(i / k)]!;
      return weight - zeroPoint >= -128 && weight - zeroPoint <= 127;
    });
    byteWeights.set(work, fits);
  }
  return fits;
}

/** Parameters; per 8 channels the head, the offsets if any, i8 [2 ceil(k / 8)][8][4]; the ones. */
function packConvBytes(work: ConvU8Work): Uint8Array {
  checkAccumulators(work);
  const { weights, weightZeroPoint, outputChannels: n } = work;
  const k = windowSize(work);
  const isSplit = !hasByteWeights(work);
  const stride = blockStride(work);
  const packed = new Uint8Array(onesOffset(work) + 16 * Math.ceil(k / 16));
  const view = new DataView(packed.buffer);
  writeParameters(view, work);
  const bias = work.bias.slice();
  for (let channel = 0; channel < n; channel++) {
    const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
    const base = isSplit ? 128 : zeroPoint;
    const lane = channel % lanes;
    const block = parameterBytes + Math.floor(channel / lanes) * stride;
    const to = block + stride - lanes * 8 * Math.ceil(k / 8) + 4 * lane;
    let sum = 0;
    for (let i = 0; i < k; i++) {
      const weight = weights[channel * k + i]!;
      sum += weight - zeroPoint;
      packed[to + (i >> 2) * 4 * lanes + (i & 3)] = weight - base;
    }
    if (isSplit) view.setInt32(block + headBytes(work) + 4 * lane, base - zeroPoint, true);
    // An Int32Array wraps, as the sums in the kernel do.
    bias[channel] = bias[channel]! - sum * Number(work.inputZeroPoint);
  }
  for (let first = 0; first < n; first += lanes) {
    const at = parameterBytes + (first / lanes) * stride;
    writeHead(view, at, { ...work, bias }, first, Math.min(lanes, n - first));
  }
  packed.fill(1, onesOffset(work), onesOffset(work) + k);
  return packed;
}

export const convBytesU8 = [convBytesOf('u8'), convBytesOf('i32'), convBytesOf('f32')];
