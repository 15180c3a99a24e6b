import { type Layer, type Moved, type Product, storedBytes, weightBytes } from './layer.ts';

/**
 * How often data moves. ideal: each datum once, the least that any schedule can do. none: an access
 * for every operand of every multiply-accumulate, the most. tiled: as the kernels read.
 */
export const reuseModels = ['ideal', 'none', 'tiled'] as const;
export type Reuse = (typeof reuseModels)[number];

/** Bytes, by the level of memory that they come from. */
export interface Levels {
  /** Where the weights, or the maps, lie. */
  readonly home: number;
  /** The first level of cache, from which a tile's operands are loaded. */
  readonly firstLevel: number;
  /** Operands of each multiply-accumulate; priced by the Eyeriss ratios only. */
  readonly registers: number;
}

/** What comes from memories: registers are part of the arithmetic, but by the Eyeriss ratios. */
export function movedBytes({ home, firstLevel }: Levels): number {
  return home + firstLevel;
}

export interface Traffic {
  readonly weights: Levels;
  readonly inputs: Levels;
  readonly partialSums: Levels;
  readonly outputs: Levels;
}

export type Operand = keyof Traffic;
export const operands: readonly Operand[] = ['weights', 'inputs', 'partialSums', 'outputs'];

/** Partial sums are 32 bits. */
const sumBytes = 4;
/** The tile that is taken where no kernel is known: pixels by channels. */
const tile = { pixels: 6, channels: 8 };

export function trafficOf(layer: Layer, reuse: Reuse): Traffic {
  const { inputBytes, outputBytes } = movedOf(layer, reuse);
  const outputs = { home: outputBytes, firstLevel: 0, registers: 0 };
  const { product } = layer;
  const stored = storedBytes(layer);
  if (product === undefined || reuse === 'ideal')
    return { weights: home(stored), inputs: home(inputBytes), partialSums: nothing, outputs };
  return reuse === 'none'
    ? { ...eachOperand(product), outputs }
    : { ...byTiles(product, stored, inputBytes), outputs };
}

function movedOf(layer: Layer, reuse: Reuse): Moved {
  return reuse !== 'ideal' && layer.standsAlone ? layer.moved : layer.fused;
}

const nothing: Levels = { home: 0, firstLevel: 0, registers: 0 };

function home(bytes: number): Levels {
  return { ...nothing, home: bytes };
}

function eachOperand(product: Product) {
  const { macs, weightBits, epilogueBytes, inputElementBytes, outputs } = product;
  const isMap = product.factorBytes !== undefined;
  const weights = (macs.nominal * weightBits) / 8;
  return {
    weights: home(isMap ? 0 : weights + epilogueBytes),
    inputs: home(macs.nominal * inputElementBytes + (isMap ? weights : 0)),
    // The first product of an output finds no sum to read.
    partialSums: home(Math.max(0, 2 * macs.nominal - outputs) * sumBytes),
  };
}

function byTiles(product: Product, stored: number, inputBytes: number) {
  const { macs, weightBits, inputElementBytes, outputs } = product;
  const { weights, inputs } = product.reads ?? defaultReads(product);
  const isMap = product.factorBytes !== undefined;
  const operandBytes = (macs.nominal * weightBits) / 8;
  const inputOperandBytes = macs.nominal * inputElementBytes;
  return {
    weights: isMap ? nothing : { home: stored, firstLevel: weights, registers: operandBytes },
    inputs: {
      home: inputBytes,
      firstLevel: inputs + (isMap ? weights : 0),
      registers: inputOperandBytes + (isMap ? operandBytes : 0),
    },
    partialSums: { ...nothing, registers: 2 * Math.max(0, macs.nominal - outputs) * sumBytes },
  };
}

/** Each panel of weights once for every tile of pixels, each pixel once for every tile of channels. */
function defaultReads(product: Product) {
  const { m, n, k, groups, inputElementBytes } = product;
  const stored = product.factorBytes ?? weightBytes(product);
  return {
    weights: stored * Math.ceil(m / tile.pixels),
    inputs: m * k * groups * Math.ceil(n / groups / tile.channels) * inputElementBytes,
  };
}
