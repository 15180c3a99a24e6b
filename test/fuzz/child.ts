import { attempt, type End } from './attempt.ts';
import { mutate, type Seed } from './mutations.ts';
import { readSeed } from './seeds.ts';

/** One mutant to try: which seed file, and the number that all its changes follow from. */
export interface Task {
  readonly seed: number;
  readonly number: number;
}

export interface Answer extends End {
  readonly story: string;
  /** The most memory that the process has ever held. */
  readonly peakBytes: number;
}

// The parent names the seed files as arguments, and sends one task at a time.
const seeds = process.argv.slice(2).map(readSeed);
const families = new Map<Seed['format'], Seed[]>([
  ['tflite', seeds.filter(({ format }) => format === 'tflite')],
  ['onnx', seeds.filter(({ format }) => format === 'onnx')],
]);

process.on('message', async ({ seed, number }: Task) => {
  const origin = seeds[seed]!;
  const { bytes, story } = mutate(origin, families.get(origin.format)!, number);
  const end = await attempt(bytes);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.send!({ ...end, story, peakBytes } satisfies Answer);
});
