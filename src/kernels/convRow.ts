import { ConvArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import {
  bandHeight,
  copyBytes,
  elementBytes,
  paddedWidth,
  readsPixels,
  stepCount,
} from './convWindows.ts';
import { executedConvU8 } from './executedConvU8.ts';
import { geometryOf, outputPixels } from './geometry.ts';
import { type Dots, type Kernel, kernel } from './kernel.ts';
import {
  blocksAt,
  headBytesOf,
  offsetsAt,
  type PackShape,
  packConv,
  resultTypeOf,
  zeroPointOffset,
} from './packConv.ts';

/** What tells the kernels of assembly/int8/conv.ts apart. */
export interface ConvRow {
  readonly name: string;
  readonly dots?: Partial<Dots>;
  readonly fits: (work: ConvU8Work) => string | undefined;
  readonly shape: (work: ConvU8Work) => PackShape;
  /** Whether the kernel reads a copy, where the windows are pixels of the input. */
  readonly copiesPixels: boolean;
  /** Of ternary weights: how many steps are summed up before they are widened. */
  readonly sumSteps?: (work: ConvU8Work) => number;
  /** Unless by packConv. */
  readonly pack?: (work: ConvU8Work) => Uint8Array;
  /** Unless as executedConvU8. */
  readonly executes?: Kernel<ConvU8Work>['executes'];
  readonly stepKinds?: Kernel<ConvU8Work>['stepKinds'];
}

export function convRow({
  name,
  dots,
  fits,
  shape,
  copiesPixels,
  sumSteps,
  pack,
  executes,
  stepKinds,
}: ConvRow): Kernel<ConvU8Work> {
  /** Before the copied rows: a tile's sums on their way. */
  const sumsBytes = sumSteps === undefined ? 0 : 256;
  const isCopied = (work: ConvU8Work) => copiesPixels || !readsPixels(work);
  return kernel<ConvU8Work, typeof ConvArgs>(ConvArgs, {
    name,
    ...(dots && { dots }),
    ...(stepKinds && { stepKinds }),
    family: 'convU8',
    fits,
    pack: pack ?? ((work) => packConv(work, shape(work))),
    scratchBytes: (work) => sumsBytes + (isCopied(work) ? copyBytes(work, shape(work).dot) : 0),
    executes:
      executes ??
      ((work, packed) => {
        const { dot } = shape(work);
        return executedConvU8(work, shape(work), isUpright(work, dot), packed);
      }),
    bind: (work, at) => {
      const { dot, isWide, flip } = shape(work);
      const isPixels = readsPixels(work);
      const isOpen = work.inputZeroPoint === 'operand';
      return {
        input: at.inputs[0]!,
        output: at.outputs[0]!,
        parameters: at.packed,
        weights: at.packed + blocksAt(work, dot),
        scratch: at.scratch + sumsBytes,
        inputZeroPoint: isOpen ? at.inputs[1]! : at.packed + zeroPointOffset,
        ...geometryOf(work),
        // Each pixel counts as a row of its own.
        ...(isPixels && { batch: 1, outputHeight: outputPixels(work), outputWidth: 1 }),
        groups: work.groups,
        offsets: at.packed + offsetsAt,
        bandHeight: bandHeight(work, dot),
        isPointwise: isPixels ? 1 : 0,
        isCopied: isCopied(work) ? 1 : 0,
        flip,
        steps: stepCount(work, dot),
        resultType: resultTypeOf(work),
        headBytes: headBytesOf(work.result),
        isWide: isWide ? 1 : 0,
        paddedWidth: isPixels ? 1 : paddedWidth(work),
        ...linesOf(work, dot, isUpright(work, dot)),
        sumSteps: sumSteps?.(work) ?? 0,
      };
    },
  });
}

/** How the tiles go through the map. */
export function linesOf(work: ConvU8Work, dot: PackShape['dot'], isUpright: boolean) {
  const { outputWidth, outputChannels, strideX, strideY, result } = work;
  const columnBytes = (work.inputChannels / work.groups) * elementBytes(dot);
  const outputPixel = outputChannels * (result.type === 'u8' ? 1 : 4);
  const across = { input: strideX * columnBytes, output: outputPixel };
  const down = readsPixels(work)
    ? { input: columnBytes, output: outputPixel }
    : { input: strideY * paddedWidth(work) * columnBytes, output: outputWidth * outputPixel };
  const [pixel, line] = isUpright ? [down, across] : [across, down];
  return {
    isUpright: isUpright ? 1 : 0,
    inputPixelBytes: pixel.input,
    inputLineBytes: line.input,
    outputPixelBytes: pixel.output,
    outputLineBytes: line.output,
  };
}

export function isUpright(work: ConvU8Work, dot: PackShape['dot']): boolean {
  return readsPixels(work) || waste(work.outputHeight, dot) < waste(work.outputWidth, dot);
}

/** The time of a line's tiles, over that of as many pixels in full ones. */
function waste(pixels: number, dot: PackShape['dot']): number {
  const tile = dot === 'byteQuads' ? 6 : 2;
  // Of a line that is shorter each pixel takes about as long as a tile.
  const tiles = pixels < tile ? pixels : Math.ceil(pixels / tile);
  return pixels === 0 ? 1 : (tile * tiles) / pixels;
}

/** Whether the kernel can read bytes as they are: one group, and a zero point to correct the bias by. */
export function readsBytes({ groups, inputZeroPoint }: ConvU8Work): boolean {
  return groups === 1 && inputZeroPoint !== 'operand';
}

/** The weights of a block of 16 channels should fit into L1 beside the rows. */
const wideWeightBytes = 24 * 1024;

export function isWide(work: ConvU8Work, dot: PackShape['dot']): boolean {
  return 64 * stepCount(work, dot) <= wideWeightBytes;
}
