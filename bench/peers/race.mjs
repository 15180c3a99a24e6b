import { compare } from './agreement.mjs';
import { isSameBinary, labelOf } from './contestants.mjs';
import { toChannelsLast } from './inputs.mjs';
import { runRounds } from './rounds.mjs';

const seeds = [1, 2, 3, 4];

/**
 * One model in one place: all engines load, their outputs are compared, and they run in rounds.
 * @param references outputs of peers by engine, of this place and of places before
 * @param settings of runRounds
 * @returns {Promise<any[]>} a row for each contestant: figures, or the error that it ended with
 */
export async function race({ place, contestants, references, say, ...settings }) {
  const rows = [];
  const live = [];
  const fail = ({ row }, error) => {
    row.error = String(error.message).slice(0, 300);
    say(`  ${labelOf(row)}: ${row.error}`);
  };
  for (const contestant of contestants) {
    const entry = { ...contestant, row: rowOf(place, contestant) };
    try {
      entry.runner = await place.open(contestant);
      if (isSameBinary(entry, live)) {
        await entry.runner.close();
        continue;
      }
      live.push(entry);
      entry.outputs = await outputsOf(entry);
    } catch (error) {
      fail(entry, error);
    }
    rows.push(entry.row);
    noteReference(entry, references);
  }
  for (const entry of live) {
    if (entry.outputs !== undefined) entry.row.agreements = agreementsOf(entry, references);
    entry.row.load = entry.runner.loaded;
  }
  await runRounds(
    live.filter(({ row }) => row.error === undefined),
    { ...settings, fail },
  );
  for (const { runner } of live) await runner.close();
  return rows;
}

function rowOf(place, { engine, model, format, options }) {
  const contestant = { engine: engine.name, threads: options.threads, format };
  return { place: place.name, model: model.key, ...contestant };
}

async function outputsOf({ runner, model, format }) {
  const outputs = await runner.outputs(seeds);
  if (format !== 'onnx' || model.outputMap === undefined) return outputs;
  return outputs.map(({ dtype, values }) => {
    return { dtype, values: toChannelsLast(values, model.outputMap) };
  });
}

/** Peers are what outputs are compared with: never ourselves, nor those who compute in float. */
function noteReference({ engine, format, outputs }, references) {
  const isReference = outputs !== undefined && !engine.own && !engine.float;
  if (isReference && !references.has(engine.name)) references.set(engine.name, { format, outputs });
}

/** With every peer on the same file; where there is none, with those on its twin. */
function agreementsOf({ engine, format, outputs }, references) {
  const others = [...references].filter(([name]) => name !== engine.name);
  const onSameFile = others.filter(([, reference]) => reference.format === format);
  const chosen = onSameFile.length > 0 ? onSameFile : others;
  return chosen.map(([name, reference]) => ({
    with: name,
    sameFile: reference.format === format,
    ...compare(outputs, reference.outputs),
  }));
}
