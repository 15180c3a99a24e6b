import { basename } from 'node:path';
import { dataSize } from '../energy/format.ts';
import { writeOnnx } from '../formats/onnx/write/write.ts';
import { readModel } from '../formats/table.ts';
import type { Metadata } from '../graph/graph.ts';
import type { TypedArray } from '../graph/tensor.ts';
import { only } from '../image/scores.ts';
import { type ClassifyOptions, load } from '../index.ts';
import { quantizeGraph } from '../quantize/quantizeGraph.ts';
import { prepareAhead } from './ahead.ts';
import { openSamples } from './dataset.ts';
import { Feed, type RawKind } from './feed.ts';
import { readBytes, writeFiles } from './files.ts';
import { type ImageFlags, imageOptions } from './options.ts';
import { Progress } from './progress.ts';
import { costs, count, print } from './report.ts';

export interface QuantizeFlags extends ImageFlags {
  readonly output: string;
  readonly method: 'minmax' | 'percentile';
  readonly percentile: number;
  readonly limit: number;
  readonly ternary: 'int2' | 'int8';
  readonly raw?: RawKind;
  readonly json?: boolean;
}

type Samples = Awaited<ReturnType<typeof openSamples>>;

/** Calibrates a model of real numbers on pictures, and writes a quantized ONNX file. */
export async function quantizeCommand(path: string, sources: string[], flags: QuantizeFlags) {
  const { options, notes } = await imageOptions(flags);
  // The importers want a plain array: slices of a Buffer are views.
  const file = new Uint8Array(await readBytes(path));
  const name = basename(path);
  const model = await load(file, { name });
  only('input', model.inputs);
  const all: Samples = [];
  for (const source of sources) all.push(...(await openSamples(source)));
  const samples = spread(all, flags.limit);
  const feed = new Feed(model.inputs[0]!, model.metadata.input, options, flags.raw);
  const { method, percentile, ternary } = flags;

  const progress = new Progress(samples.length);
  let quantized: Uint8Array<ArrayBufferLike>;
  try {
    const inputs = inputsOf(samples, feed, progress);
    const read = await readModel(file, name);
    const graph = await quantizeGraph(read, inputs, { method, percentile });
    const metadata = { ...graph.metadata, ...appliedTo(feed), ...labelsOf(options) };
    quantized = writeOnnx({ ...graph, metadata }, { ternary });
  } finally {
    progress.stop();
  }
  // What cannot be read back is not worth keeping.
  const result = await load(quantized, { name: basename(flags.output) });
  await writeFiles([{ path: flags.output, bytes: quantized }]);

  notes.push(...feed.notes);
  const summary = {
    file: flags.output,
    fileBytes: quantized.length,
    samples: samples.length,
    method,
    ...(method === 'percentile' ? { percentile } : {}),
    model: costs(result),
    notes,
  };
  if (flags.json) {
    print(summary);
    return;
  }
  for (const note of notes) print(note);
  const kept = method === 'minmax' ? 'whole range' : `${percentile} % of the numbers`;
  print(`calibrated on ${count(samples.length)} samples, ${kept} of each map`);
  print(`${flags.output}: ${dataSize(quantized.length)}, before ${dataSize(file.length)}`);
}

/** Some of many, from all over the list: data sets stand in the order of their classes. */
function spread(samples: Samples, limit: number): Samples {
  if (samples.length <= limit) return samples;
  return Array.from(
    { length: limit },
    (_, i) => samples[Math.floor((i * samples.length) / limit)]!,
  );
}

/** The model's inputs; a batch that is not full holds earlier samples too. */
async function* inputsOf(
  samples: Samples,
  feed: Feed,
  progress: Progress,
): AsyncGenerator<TypedArray> {
  let slot = 0;
  for await (const sample of prepareAhead(samples, feed)) {
    feed.place(sample, slot++);
    progress.advance();
    if (slot < feed.batch) continue;
    yield feed.tensor;
    slot = 0;
  }
  if (slot > 0) yield feed.tensor;
}

/** What was done to the pictures, as a model file says it. */
function appliedTo({ applied }: Feed): Pick<Metadata, 'input'> {
  if (applied?.mean === undefined || applied.std === undefined) return {};
  const { height, width, order, fit, mean, std } = applied;
  return { input: { size: [height, width], order, fit, mean, std } };
}

function labelsOf({ labels }: ClassifyOptions): Pick<Metadata, 'labels'> {
  return typeof labels === 'object' ? { labels } : {};
}
