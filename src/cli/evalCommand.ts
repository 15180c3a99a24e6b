import type { TypedArray } from '../graph/tensor.ts';
import { describeApplied } from '../image/preprocess.ts';
import { only, Scores } from '../image/scores.ts';
import type { Model } from '../index.ts';
import { prepareAhead } from './ahead.ts';
import { resolveClasses } from './classes.ts';
import { type Dataset, openDataset } from './dataset.ts';
import { Feed, type RawKind } from './feed.ts';
import { loadModel } from './files.ts';
import { type ImageFlags, imageOptions } from './options.ts';
import { Progress } from './progress.ts';
import { columns, costs, describeCosts, milliseconds, percent, print } from './report.ts';

export interface EvalFlags extends ImageFlags {
  readonly raw?: RawKind;
  readonly background?: boolean;
  readonly json?: boolean;
}

export async function evalCommand(path: string, datasetPath: string, flags: EvalFlags) {
  const model = await loadModel(path);
  const { n, top1, top5, msPerImage, applied, notes } = await evaluateOn(model, datasetPath, flags);
  if (flags.json) {
    const preprocessing = applied && { ...applied, text: describeApplied(applied) };
    const summary = { file: path, ...costs(model) };
    print({
      n,
      top1,
      top5,
      msPerImage,
      model: summary,
      dataset: datasetPath,
      preprocessing,
      notes,
    });
    return;
  }
  print(`${path}: ${describeCosts(model)}`);
  for (const note of notes) print(note);
  const rows = [
    ['top-1', `${top1} of ${n}`, percent(top1 / n)],
    ['top-5', `${top5} of ${n}`, percent(top5 / n)],
  ];
  print(`\n${columns(rows, '<>>')}`);
  print(`${milliseconds(msPerImage)} per image, the model alone`);
}

/** How many answers on a data set are right. */
export async function evaluateOn(model: Model, datasetPath: string, flags: EvalFlags) {
  const { options, notes } = await imageOptions(flags);
  only('input', model.inputs);
  const dataset = await openDataset(datasetPath);
  const feed = new Feed(model.inputs[0]!, model.metadata.input, options, flags.raw);
  const scores = new Scores(model, feed.batch, options.labels);
  const { background } = flags;
  const classes = resolveClasses(dataset, {
    count: scores.classCount,
    labels: scores.labels,
    ...(background === undefined ? {} : { background }),
  });
  const { top1, top5, runMs } = await evaluate(model, dataset, classes.indices, feed, scores);

  const n = dataset.samples.length;
  const msPerImage = runMs / n;
  // That probabilities are a softmax of the scores does not matter here: only their order counts.
  const labelNotes = scores.notes.filter((note) => !note.includes('softmax'));
  notes.push(...feed.notes, ...labelNotes, ...classes.notes, ...dataset.notes);
  return { n, top1, top5, msPerImage, applied: feed.applied, notes };
}

async function evaluate(
  model: Model,
  dataset: Dataset,
  indices: readonly number[],
  feed: Feed,
  scores: Scores,
) {
  const { samples } = dataset;
  const progress = new Progress(samples.length);
  let [top1, top5, runMs, first] = [0, 0, 0, 0];
  const runPlaced = (slots: number) => {
    const start = performance.now();
    const result = model.run(feed.tensor);
    runMs += performance.now() - start;
    const output: TypedArray = Array.isArray(result) ? result[0]! : result;
    for (let slot = 0; slot < slots; slot++) {
      const rank = scores.rankOf(output, slot, indices[first + slot]!);
      if (rank < 1) top1++;
      if (rank < 5) top5++;
    }
    first += slots;
    progress.advance(slots);
  };
  try {
    let slot = 0;
    for await (const sample of prepareAhead(samples, feed)) {
      feed.place(sample, slot++);
      if (slot < feed.batch) continue;
      runPlaced(slot);
      slot = 0;
    }
    // The slots that are left hold earlier samples, whose answers nobody reads.
    if (slot > 0) runPlaced(slot);
  } finally {
    progress.stop();
  }
  return { top1, top5, runMs };
}
