import { ConvArgs, WinogradArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { readsBytes } from './convRow.ts';
import { geometryOf } from './geometry.ts';
import { type Dots, type Executed, kernel, noDots } from './kernel.ts';
import { headBytesOf, parameterBytes, resultTypeOf, zeroPointOffset } from './packConv.ts';
import { fitsSums, packedBytes, packWinograd, positions, stepsOf, tile } from './packWinograd.ts';

/** What the rows of a band should take, so that they stay in L2. */
const bandBytes = 64 * 1024;
/** What the transformed tiles of a block should take. */
const blockBytes = 32 * 1024;
/** Room for a tile on its way: assembly/int8/winograd.ts. */
const temporaryBytes = 2048;
/** Beyond this the transformed weights, eight times what they were, come from slow memory. */
const mostWeightBytes = 8 * 1024 * 1024;
/**
 * What a tile costs, in multiplications of a direct kernel: for each pair of an input and an output
 * channel, for each input channel, for each output channel. Measured: docs/decisions/014-winograd.md.
 */
const costs = { products: 42, input: 250, output: 450 };

function tilesOf({ outputHeight, outputWidth }: ConvU8Work) {
  return { tilesX: Math.ceil(outputWidth / tile), tilesY: Math.ceil(outputHeight / tile) };
}

function layoutOf(work: ConvU8Work) {
  const { inputChannels } = work;
  const { tilesX, tilesY } = tilesOf(work);
  const paddedWidth = tile * tilesX + 2;
  const rowBytes = 2 * paddedWidth * inputChannels;
  const bandRows = Math.floor((bandBytes / rowBytes - 2) / tile);
  const bandTiles = Math.max(1, Math.min(tilesY, bandRows));
  const tileBytes = 16 * Math.ceil(inputChannels / 8);
  const fitting = 2 * Math.max(1, Math.floor(blockBytes / (2 * positions * tileBytes)));
  const blockTiles = Math.min(fitting, bandTiles * tilesX);
  // Not a power of two apart: the planes would share a few lines of the cache.
  const planeBytes = tileBytes * blockTiles + 64;
  const products = temporaryBytes;
  const transformed = products + positions * 64 * blockTiles;
  const rows = transformed + positions * planeBytes;
  return {
    ...{ paddedWidth, blockTiles, planeBytes, products, transformed, rows },
    bandHeight: tile * bandTiles,
    bytes: rows + (tile * bandTiles + 2) * rowBytes + 64,
  };
}

function isPlain3x3(work: ConvU8Work): boolean {
  const { kernelHeight, kernelWidth, strideY, strideX, dilationY, dilationX, groups } = work;
  return (
    kernelHeight === 3 &&
    kernelWidth === 3 &&
    [strideY, strideX, dilationY, dilationX, groups].every((one) => one === 1)
  );
}

/**
 * What the work costs, in multiplications of a direct kernel; undefined where it is not for Winograd.
 * Fewer multiplications, but transforms; and parts of tiles and blocks that do not exist.
 */
export function winogradCost(work: ConvU8Work): number | undefined {
  if (!isPlain3x3(work) || packedBytes(work) > mostWeightBytes || !fitsSums(work)) return undefined;
  const { tilesX, tilesY } = tilesOf(work);
  const tiles = tilesX * tilesY;
  const lanes = 16 * Math.ceil(work.outputChannels / 16);
  // Tiles are multiplied two at a time.
  const products = costs.products * Math.max(2, tiles) * work.inputChannels * lanes;
  return products + tiles * (costs.input * work.inputChannels + costs.output * lanes);
}

/** How many times as fast as products of 16 bits the direct kernel's are: dots of bytes on AVX-VNNI. */
const quadSpeed = 2.07;

function pays(work: ConvU8Work, dots: Dots): boolean {
  const speed = dots.quads === 'unsigned' && readsBytes(work) ? quadSpeed : 1;
  const { outputHeight, outputWidth, inputChannels, outputChannels } = work;
  const cost = winogradCost(work);
  const direct = 9 * outputHeight * outputWidth * inputChannels * outputChannels;
  return cost !== undefined && cost * speed < direct;
}

/** At each position tiles go in twos by blocks of 16 channels, input channels in twos too. */
function executed(work: ConvU8Work): Executed {
  const { bandHeight, blockTiles } = layoutOf(work);
  const { tilesX } = tilesOf(work);
  let pairs = 0;
  for (let y = 0; y < work.outputHeight; y += bandHeight) {
    const height = Math.min(bandHeight, work.outputHeight - y);
    const tiles = Math.ceil(height / tile) * tilesX;
    for (let first = 0; first < tiles; first += blockTiles)
      pairs += Math.ceil(Math.min(blockTiles, tiles - first) / 2);
  }
  const blocks = Math.ceil(work.outputChannels / 16);
  const steps = work.batch * pairs * blocks * positions * stepsOf(work);
  return { macs: steps * 2 * 16 * 2, weightReads: steps * 16 * 4, inputReads: steps * 2 * 4 };
}

export const winogradU8 = kernel<ConvU8Work, typeof ConvArgs & typeof WinogradArgs>(
  { ...ConvArgs, ...WinogradArgs },
  {
    name: 'conv_u8_winograd_4x4',
    family: 'convU8',
    fits: (work, dots = noDots) =>
      pays(work, dots) ? '3x3 at stride 1: a quarter of the products by Winograd' : undefined,
    pack: packWinograd,
    scratchBytes: (work) => layoutOf(work).bytes,
    executes: executed,
    bind: (work, at) => {
      const layout = layoutOf(work);
      return {
        input: at.inputs[0]!,
        output: at.outputs[0]!,
        parameters: at.packed,
        weights: at.packed + parameterBytes,
        scratch: at.scratch + layout.rows,
        inputZeroPoint:
          work.inputZeroPoint === 'operand' ? at.inputs[1]! : at.packed + zeroPointOffset,
        ...geometryOf(work),
        groups: 1,
        offsets: 0,
        bandHeight: layout.bandHeight,
        isPointwise: 0,
        isCopied: 1,
        flip: 0,
        steps: stepsOf(work),
        resultType: resultTypeOf(work),
        headBytes: headBytesOf(work.result),
        isWide: 1,
        paddedWidth: layout.paddedWidth,
        isUpright: 0,
        inputPixelBytes: 2 * work.inputChannels,
        inputLineBytes: 0,
        outputPixelBytes: 0,
        outputLineBytes: 0,
        sumSteps: 0,
        temporary: at.scratch,
        transformed: at.scratch + layout.transformed,
        products: at.scratch + layout.products,
        blockTiles: layout.blockTiles,
        planeBytes: layout.planeBytes,
      };
    },
  },
);
