import { compare } from './agreement.mjs';
import { toChannelsLast } from './inputs.mjs';
import { inputOf } from './models.mjs';
import { summarize } from './statistics.mjs';

const seeds = [1, 2, 3, 4];

/** Who runs this model in this place: each engine with each number of threads, on one of its files. */
export function contestantsOf({ engines, threads, model, place }) {
  const able = engines
    .filter(({ places }) => places.includes(place.kind))
    .map((engine) => ({ engine, format: engine.formats.find((name) => model[name] !== undefined) }))
    .filter(({ format }) => format !== undefined);
  return threads.flatMap((count) =>
    able.map(({ engine, format }) => {
      const channelsFirst = format === 'onnx' && inputOf(model, format).shape.length === 4;
      const input = inputOf(model, format);
      const options = { ...engine.options, threads: count, input, channelsFirst };
      return { engine, model, format, options };
    }),
  );
}

/**
 * One model in one place: all engines load, their outputs are compared, all warm up, and then each
 * has a burst in turn, in an order that rotates from round to round.
 * @param warmUp { leastMs, mostMs }
 * @param references outputs of peers by engine, of this place and of places before
 * @returns {Promise<any[]>} a row for each contestant: figures, or the error that it ended with
 */
export async function race({ place, contestants, references, rounds, burstMs, warmUp, say }) {
  const rows = [];
  const live = [];
  for (const contestant of contestants) {
    const { engine, model, format, options } = contestant;
    const row = { place: place.name, model: model.key, engine: engine.name };
    Object.assign(row, { threads: options.threads, format });
    rows.push(row);
    try {
      const runner = await place.open(contestant);
      const outputs = await outputsOf(runner, contestant);
      live.push({ row, runner, rounds: [], outputs, engine, format });
      if (!engine.own && !engine.float && !references.has(engine.name))
        references.set(engine.name, { format, outputs });
    } catch (error) {
      row.error = String(error.message).slice(0, 300);
      say(`  ${labelOf(row)}: ${row.error}`);
    }
  }
  for (const { row, runner, outputs, engine, format } of live) {
    row.agreements = agreementsOf({ engine, format, outputs, references });
    row.load = runner.loaded;
  }
  await runRounds(live, { rounds, burstMs, warmUp });
  for (const { runner } of live) await runner.close();
  return rows;
}

/** `litert`, or `litert x2` with two threads. */
export function labelOf({ engine, threads }) {
  return threads === 1 ? engine : `${engine} x${threads}`;
}

async function outputsOf(runner, { model, format }) {
  const outputs = await runner.outputs(seeds);
  if (format !== 'onnx' || model.outputMap === undefined) return outputs;
  const reorder = ({ dtype, values }) => ({
    dtype,
    values: toChannelsLast(values, model.outputMap),
  });
  return outputs.map(reorder);
}

/** With every peer on the same file; where there is none, with those on its twin. */
function agreementsOf({ engine, format, outputs, references }) {
  const others = [...references].filter(([name]) => name !== engine.name);
  const onSameFile = others.filter(([, reference]) => reference.format === format);
  const chosen = onSameFile.length > 0 ? onSameFile : others;
  return chosen.map(([name, reference]) => ({
    with: name,
    sameFile: reference.format === format,
    ...compare(outputs, reference.outputs),
  }));
}

async function runRounds(live, { rounds, burstMs, warmUp }) {
  for (const { runner, row } of live)
    Object.assign(row, await runner.warmUp(warmUp.leastMs, warmUp.mostMs));
  // One engine may have warmed up while others had the core: the best of all is the best there is.
  const bestMs = Math.min(...live.map(({ row }) => row.bestMs));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < live.length; turn++) {
      const { row, runner, rounds: done } = live[(turn + round) % live.length];
      const { samples, dropped, disturbed } = await runner.burst(burstMs, bestMs);
      done.push(samples);
      row.dropped = (row.dropped ?? 0) + dropped;
      row.disturbedRounds = (row.disturbedRounds ?? 0) + Number(disturbed);
    }
  }
  for (const { row, rounds: done } of live) {
    delete row.bestMs;
    row.samples = done.flat().length;
    Object.assign(row, summarize(done));
  }
}
