import type { ConvU8Work } from '../graph/work.ts';
import { bandHeight, elementsPerStep, readsPixels, stepCount } from './convWindows.ts';
import { outputPixels } from './geometry.ts';
import type { Executed } from './kernel.ts';
import { blocksAt, blocksOf, headBytesOf, type PackShape } from './packConv.ts';

/** Bytes of weights of a channel in a step, and of the input that meets it. */
const stepBytes = 4;

/**
 * What the loops of assembly/int8/conv.ts and convTile.ts do. The last tile of a line overlaps the one
 * before, so does the last block of channels; weights that a dot cannot hold take extra steps.
 */
export function executedConvU8(
  work: ConvU8Work,
  shape: PackShape,
  isUpright: boolean,
  packed: Uint8Array,
): Executed {
  const { dot, isWide } = shape;
  const steps = stepCount(work, dot);
  const lines = linesOf(work, shape, isUpright);
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let at = blocksAt(work, dot);
  let macs = 0;
  let weightReads = 0;
  let inputReads = 0;
  for (let group = 0; group < work.groups; group++) {
    for (const { width } of blocksOf(work.outputChannels / work.groups, isWide)) {
      const extraBytes = view.getInt32(at, true);
      // Of an extra step each four channels have an input of their own, and its offset.
      const extra = extraBytes / (16 + stepBytes * width);
      for (const { count, pixels } of lines) {
        const { tiles, computed } = tilesOf(pixels, width, dot);
        macs += count * computed * (steps + extra) * width * elementsPerStep(dot);
        weightReads += count * tiles * (steps + extra) * width * stepBytes;
        inputReads += count * computed * (steps * stepBytes + extra * width);
      }
      at += 16 + (headBytesOf(work.result) + stepBytes * steps) * width + extraBytes;
    }
  }
  return { macs, weightReads, inputReads };
}

/** The lines that tiles go along: so many of so many pixels. */
function linesOf(work: ConvU8Work, { dot }: PackShape, isUpright: boolean) {
  const isPixels = readsPixels(work);
  const rows = isPixels ? outputPixels(work) : work.outputHeight;
  const width = isPixels ? 1 : work.outputWidth;
  const images = isPixels ? 1 : work.batch;
  const most = bandHeight(work, dot);
  const lines: { count: number; pixels: number }[] = [];
  for (let y = 0; y < rows; y += most) {
    const height = Math.min(most, rows - y);
    const [count, pixels] = isUpright ? [width, height] : [height, width];
    lines.push({ count: images * count, pixels });
  }
  return lines;
}

/** How many tiles a line takes, and the pixels that they compute. */
function tilesOf(pixels: number, width: number, dot: PackShape['dot']) {
  if (dot === 'byteQuads' && pixels < 6) return { tiles: pixels, computed: pixels };
  const size = dot === 'byteQuads' ? 6 : width === 8 ? 4 : pixels === 1 ? 1 : 2;
  const tiles = Math.ceil(pixels / size);
  return { tiles, computed: tiles * size };
}
