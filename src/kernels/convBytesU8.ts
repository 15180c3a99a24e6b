import { ConvArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { geometryOf, isPointwise } from './convU8.ts';
import { type Kernel, kernel } from './kernel.ts';
import {
  checkAccumulators,
  headBytes,
  lanes,
  parameterBytes,
  windowSize,
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
    dots: 'unsigned',
    fits: (work) =>
      work.result.type === type &&
      work.groups === 1 &&
      work.inputZeroPoint !== 'operand' &&
      hasByteWeights(work)
        ? `exact dots of bytes on this machine${isPointwise(work) ? ', no windows to gather' : ''}`
        : undefined,
    pack: packConvBytes,
    // The last row's spill, and what the loads of the tile pass over.
    scratchBytes: (work) => (isPointwise(work) ? 0 : blockRows(work) * rowBytes(work) + 64),
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
    }),
  });
}

/** 1x1 windows lie in the input, as it is. */
function rowBytes(work: ConvU8Work): number {
  const k = windowSize(work);
  return isPointwise(work) ? k : 8 * Math.ceil(k / 8);
}

function blockRows(work: ConvU8Work): number {
  return tileRows * Math.max(1, Math.floor(blockBytes / rowBytes(work) / tileRows));
}

/** Whether the weights less their zero points are signed bytes. */
function hasByteWeights({ weights, weightZeroPoint, outputChannels }: ConvU8Work): boolean {
  const k = weights.length / outputChannels;
  return weights.every((weight, i) => {
    const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : Math.floor(i / k)]!;
    return weight - zeroPoint >= -128 && weight - zeroPoint <= 127;
  });
}

/** Parameters, then per 8 channels: head, i8 [2 ceil(k / 8)][8][4]; the input's zero point in the bias. */
function packConvBytes(work: ConvU8Work): Uint8Array {
  checkAccumulators(work);
  const { weights, weightZeroPoint, outputChannels: n } = work;
  const k = windowSize(work);
  const head = headBytes(work);
  const stride = head + lanes * 8 * Math.ceil(k / 8);
  const packed = new Uint8Array(parameterBytes + Math.ceil(n / lanes) * stride);
  const view = new DataView(packed.buffer);
  writeParameters(view, work);
  const bias = work.bias.slice();
  for (let channel = 0; channel < n; channel++) {
    const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
    const to = parameterBytes + Math.floor(channel / lanes) * stride + head + 4 * (channel % lanes);
    let sum = 0;
    for (let i = 0; i < k; i++) {
      const weight = weights[channel * k + i]! - zeroPoint;
      sum += weight;
      packed[to + (i >> 2) * 4 * lanes + (i & 3)] = weight;
    }
    // An Int32Array wraps, as the sums in the kernel do.
    bias[channel] = bias[channel]! - sum * Number(work.inputZeroPoint);
  }
  for (let first = 0; first < n; first += lanes) {
    const at = parameterBytes + (first / lanes) * stride;
    writeHead(view, at, { ...work, bias }, first, Math.min(lanes, n - first));
  }
  return packed;
}

export const convBytesU8 = [convBytesOf('u8'), convBytesOf('i32'), convBytesOf('f32')];
