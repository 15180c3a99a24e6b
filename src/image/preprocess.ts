import { RunError } from '../errors.ts';
import type { Preprocessing } from '../graph/graph.ts';
import { type ImageShape, imageShape, type Layout, type TensorDescription } from './inputShape.ts';

/** Options that stand above what the model file says of its input. */
export interface PreprocessOptions extends Omit<Preprocessing, 'size'> {
  /** Needed only where the input's shape leaves it open. */
  readonly layout?: Layout;
  /** crop only: the shorter side is scaled to this many pixels before the cut. */
  readonly resize?: number;
}

/** What happens to every pixel on its way into the model. */
export interface Applied extends ImageShape {
  readonly order: 'rgb' | 'bgr' | 'grey';
  readonly fit: 'crop' | 'squash';
  readonly resize?: number;
  /** Per channel, in the input's own order; absent where bytes go in as they are. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  /** Where mean and std come from. */
  readonly source: 'options' | 'model file' | 'nowhere';
  /** The input is 8-bit and takes the bytes themselves: uint8 as they are, int8 minus 128. */
  readonly bytesUnchanged: boolean;
}

/**
 * Settles the preprocessing of a model: options first, then the model file. Nothing is guessed: a
 * float input that neither speaks of is an error.
 * @throws RunError where they are missing or do not fit the input
 */
export function settlePreprocessing(
  input: TensorDescription,
  fromFile: Preprocessing | undefined,
  options: PreprocessOptions,
): Applied {
  const shape = imageShape(input, options.layout);
  const order = settleOrder(input, shape.channels, options.order ?? fromFile?.order);
  const byOptions = options.mean !== undefined || options.std !== undefined;
  const given = byOptions ? options : fromFile;
  const fit = {
    fit: options.fit ?? fromFile?.fit ?? 'crop',
    ...(options.resize === undefined ? {} : { resize: options.resize }),
  };
  const common = { ...shape, order, ...fit };
  if (given?.mean === undefined && given?.std === undefined) {
    if (isEightBit(input)) return { ...common, source: 'nowhere', bytesUnchanged: true };
    throw new RunError({
      where: `input "${input.name}"`,
      got: `${input.dtype} and no word on normalisation in the model file`,
      expected: 'value = (pixel - mean) / std, pixels from 0 to 255',
      advice: 'give the options mean and std (and order), such as mean 127.5 and std 127.5',
    });
  }
  const mean = perChannel('mean', given.mean ?? [0], shape.channels);
  const std = perChannel('std', given.std ?? [1], shape.channels);
  const applied = {
    ...common,
    mean,
    std,
    source: byOptions ? ('options' as const) : ('model file' as const),
  };
  return { ...applied, bytesUnchanged: isEightBit(input) && meansBytes(input, mean, std) };
}

/** One line for people: what was applied, and on whose word. */
export function describeApplied(applied: Applied): string {
  const size = `${applied.width}x${applied.height} ${applied.order}`;
  const fit =
    applied.fit === 'squash'
      ? 'squash'
      : applied.resize === undefined
        ? 'crop'
        : `crop after scaling to ${applied.resize}`;
  return `${size}, ${fit}, ${describeValues(applied)}`;
}

function describeValues({ bytesUnchanged, mean, std, source }: Applied): string {
  if (mean === undefined || std === undefined)
    return 'bytes as they are (8-bit input, the model file names no normalisation)';
  const formula = `(pixel - ${list(mean)}) / ${list(std)} by the ${source}`;
  return bytesUnchanged ? `bytes as they are, which is ${formula}` : formula;
}

function list(values: readonly number[]): string {
  // Six figures: a std that is the inverse of a float32 scale has as many that mean something.
  const figures = values.map((value) => String(Number(value.toPrecision(6))));
  return figures.every((figure) => figure === figures[0]) ? figures[0]! : `[${figures.join(', ')}]`;
}

function isEightBit(input: TensorDescription): boolean {
  return input.dtype === 'uint8' || input.dtype === 'int8';
}

function settleOrder(
  input: TensorDescription,
  channels: 1 | 3,
  order: Preprocessing['order'],
): 'rgb' | 'bgr' | 'grey' {
  if (channels === 1 && (order === undefined || order === 'grey')) return 'grey';
  if (channels === 3 && order !== 'grey') return order ?? 'rgb';
  throw new RunError({
    where: `input "${input.name}"`,
    got: `order ${order}`,
    expected: channels === 1 ? 'grey for 1 channel' : 'rgb or bgr for 3 channels',
    advice: 'leave the option order out, or give the right one',
  });
}

function perChannel(name: string, values: readonly number[], channels: number): number[] {
  const fits = values.length === 1 || values.length === channels;
  if (fits && values.every((v) => Number.isFinite(v) && (name !== 'std' || v !== 0))) {
    return Array.from({ length: channels }, (_, c) => values[c] ?? values[0]!);
  }
  throw new RunError({
    where: `option ${name}`,
    got: `[${values.join(', ')}]`,
    expected: `${channels === 1 ? '1 finite number' : `1 or ${channels} finite numbers`}${name === 'std' ? ', none of them 0' : ''}`,
    advice: 'give one number for all channels, or one for each in the order of the input',
  });
}

/**
 * True where the input's own quantization undoes the normalisation. Converters write the
 * mean and std of the float network beside an 8-bit input whose scale or zero point is a step off;
 * such inputs were calibrated on, and are fed, the bytes themselves.
 */
function meansBytes(input: TensorDescription, mean: readonly number[], std: readonly number[]) {
  const { scale, zeroPoint } = input;
  if (scale === undefined || zeroPoint === undefined) return true;
  const offset = input.dtype === 'int8' ? -128 : 0;
  const step = (pixel: number, c: number) =>
    Math.abs((pixel - mean[c]!) / std[c]! / scale + zeroPoint - (pixel + offset));
  // Linear in the pixel, so both ends bound what lies between; the slack is for float32 scales.
  return mean.every((_, c) => step(0, c) <= 1.001 && step(255, c) <= 1.001);
}
