import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ClassifyOptions } from '../image/classify.ts';
import type { Labels } from '../image/scores.ts';
import { isLabelSet, labelSets } from '../labels/labels.ts';
import { readBytes } from './files.ts';

/** The image options as commander hands them over. */
export interface ImageFlags {
  readonly labels?: string;
  readonly fit?: 'crop' | 'squash';
  readonly resize?: number;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly order?: 'rgb' | 'bgr';
  readonly layout?: 'nhwc' | 'nchw';
}

export function addImageOptions(command: Command): Command {
  return command
    .option('--labels <file>', `class names, one a line; or ${Object.keys(labelSets).join(', ')}`)
    .addOption(
      new Option(
        '--fit <mode>',
        'crop: scale the shorter side, cut out the middle (pictures up to 15 % too large are only cut); squash: stretch',
      ).choices(['crop', 'squash']),
    )
    .option('--resize <pixels>', 'crop: scale the shorter side to this first', positiveInteger)
    .option('--mean <numbers>', 'value = (pixel - mean) / std, pixels 0 to 255: 1 or 3', numbers)
    .option('--std <numbers>', 'all below 1: mean and std are meant for pixels 0 to 1', numbers)
    .addOption(new Option('--order <order>', 'of the channels').choices(['rgb', 'bgr']))
    .addOption(
      new Option('--layout <layout>', 'of the input, where its shape leaves it open').choices([
        'nhwc',
        'nchw',
      ]),
    );
}

export function addEnergyOptions(command: Command): Command {
  return command
    .option('--node <node>', "45nm, LP16nm, 14nm@0.75V; the table's own unless given")
    .option('--table <table>', 'horowitz (unless given), jouppi, flat, or a JSON file')
    .option('--memory <memory>', 'auto (unless given), sram:32KB, dram, eyeriss')
    .addOption(
      new Option('--reuse <model>', 'how often data moves; ideal unless given').choices([
        'ideal',
        'none',
        'tiled',
      ]),
    )
    .addOption(
      new Option('--zeros <what>', 'ternary weights of 0; skipped unless given').choices([
        'skipped',
        'added',
      ]),
    );
}

/**
 * The options of the library, and what was understood, in sentences. Networks are published with
 * mean and std for pixels of 0 to 255 or of 0 to 1; no network spreads 0 to 255 further apart, so a
 * std below 1 tells which.
 */
export async function imageOptions(
  flags: ImageFlags,
): Promise<{ options: ClassifyOptions; notes: string[] }> {
  const { fit, resize, order, layout } = flags;
  let { mean, std } = flags;
  const notes: string[] = [];
  if (std?.every((value) => Math.abs(value) < 1)) {
    std = std.map((value) => value * 255);
    mean = mean?.map((value) => value * 255);
    notes.push('std below 1: mean and std are taken for pixels from 0 to 1 and multiplied by 255');
  }
  const labels = flags.labels === undefined ? undefined : await readLabels(flags.labels);
  const all = { fit, resize, order, layout, mean, std, labels };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return { options: Object.fromEntries(given) as ClassifyOptions, notes };
}

async function readLabels(source: string): Promise<Labels> {
  if (isLabelSet(source)) return source;
  const text = new TextDecoder().decode(await readBytes(source));
  return text.trimEnd().split(/\r?\n/);
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a whole number above 0.');
}

export function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a number above 0 and up to 1.');
}

function numbers(text: string): number[] {
  const values = text.split(/[\s,]+/).map(Number);
  if (text.trim() !== '' && values.every(Number.isFinite)) return values;
  throw new InvalidArgumentError('Expected numbers such as 127.5 or 123.7,116.3,103.5.');
}

/** Lets `--mean 1 2 3` stand for `--mean 1,2,3`: numbers after these options belong to them. */
export function joinNumbers(args: readonly string[]): string[] {
  const joined: string[] = [];
  let open = false;
  for (const arg of args) {
    const isNumber = arg.trim() !== '' && Number.isFinite(Number(arg));
    const previous = joined[joined.length - 1];
    if (open && isNumber && previous !== '--mean' && previous !== '--std')
      joined[joined.length - 1] = `${previous},${arg}`;
    else joined.push(arg);
    open = arg === '--mean' || arg === '--std' || (open && isNumber);
  }
  return joined;
}
