import { Classifier } from '../image/classify.ts';
import { readImage } from '../image/imageNode.ts';
import { describeApplied } from '../image/preprocess.ts';
import { loadModel } from './files.ts';
import { type ImageFlags, imageOptions } from './options.ts';
import { Progress } from './progress.ts';
import { columns, costs, describeCosts, milliseconds, percent, print } from './report.ts';

export interface ClassifyFlags extends ImageFlags {
  readonly topK: number;
  readonly json?: boolean;
}

/** Timed runs a picture: enough for a median, within a time that nobody minds. */
const timedRuns = 9;
const timedMs = 250;

export async function classifyCommand(path: string, images: string[], flags: ClassifyFlags) {
  const { options, notes } = await imageOptions(flags);
  const model = await loadModel(path);
  const classifier = new Classifier(model, options);
  const { applied } = classifier;
  notes.push(...classifier.notes);

  const results = [];
  const progress = new Progress(images.length);
  try {
    for (const file of images) {
      const pixels = await readImage(file, applied, applied);
      const classes = classifier.classify(pixels, flags.topK);
      results.push({ file, latencyMs: medianLatency(() => classifier.run()), classes });
      progress.advance();
    }
  } finally {
    progress.stop();
  }

  if (flags.json) {
    const summary = { file: path, ...costs(model) };
    const preprocessing = { ...applied, text: describeApplied(applied) };
    print({ model: summary, preprocessing, notes, images: results });
    return;
  }
  print(`${path}: ${describeCosts(model)}`);
  print(`input: ${describeApplied(applied)}`);
  for (const note of notes) print(`note: ${note}`);
  for (const { file, latencyMs, classes } of results) {
    const rows = classes.map(({ label, probability }) => ['', percent(probability), label]);
    print(`\n${file}  ${milliseconds(latencyMs)}\n${columns(rows, '<><')}`);
  }
}

/** Median of a few runs in milliseconds; the run that gave the classes has warmed up. */
function medianLatency(run: () => void): number {
  const times: number[] = [];
  const start = performance.now();
  do {
    const before = performance.now();
    run();
    times.push(performance.now() - before);
  } while (times.length < timedRuns && performance.now() - start < timedMs);
  times.sort((a, b) => a - b);
  return times[times.length >> 1]!;
}
