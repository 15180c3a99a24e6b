/** Documents from the JSON of a run: all that it found, and what the README says of it. */
import {
  agreementTable,
  coldTable,
  formatMs,
  selectRows,
  threadsTable,
  timesTable,
} from './table.mjs';

const unique = (values) => [...new Set(values)];

/** Everything that a run found. */
export function report(result) {
  const packages = Object.values(result.engines).flatMap(({ versions }) =>
    Object.entries(versions),
  );
  const parts = [
    headline(result),
    unique(packages.map(([name, version]) => `${name} ${version}`)).join(', '),
  ];
  for (const { name } of result.places) {
    for (const threads of result.threads) {
      if (selectRows(result, name, threads).rows.length === 0) continue;
      const count = threads === 1 ? 'one thread' : `${threads} threads`;
      parts.push(`## ${name}, ${count}: median (least; distance of the quartiles)`);
      parts.push(timesTable(result, name, threads, withSpread));
    }
    if (measuresThreads(result)) parts.push(threadsTable(result, name));
    parts.push(agreementTable(result, name));
  }
  if (result.coldStart.length > 0) parts.push('## Cold start', coldTable(result));
  return `${join(parts)}\n`;
}

const join = (parts) => parts.filter((part) => part !== undefined).join('\n\n');

function withSpread({ medianMs, minMs, q1Ms, q3Ms }) {
  const spread = Math.round((100 * (q3Ms - q1Ms)) / medianMs);
  return `${formatMs(medianMs)} (${formatMs(minMs)}; ${spread} %)`;
}

/** What the README says, of each class of machine. */
export function performanceSection(results) {
  return results.map(summary).join('\n\n');
}

function summary(result) {
  const parts = [`**${headline(result)}** Peers: ${peersOf(result)}.`];
  const cell = (run) => formatMs(run.medianMs);
  for (const { name } of result.places) parts.push(timesTable(result, name, 1, cell));
  parts.push(agreementSentence(result));
  if (measuresThreads(result)) {
    parts.push(`Time with more threads, and how many times as fast that is as one:`);
    for (const { name } of result.places) parts.push(threadsTable(result, name));
  }
  if (result.coldStart.length > 0) {
    parts.push(`From the model's bytes in memory to its first result, in a fresh browser:`);
    parts.push(coldTable(result));
  }
  return join(parts);
}

function measuresThreads({ threads }) {
  return threads.includes(1) && Math.max(...threads) > 1;
}

/** Day, machine, class, and how it was measured. */
function headline({ date, machine, places, v8Flags = [], rounds, burstMs }) {
  const { cpu, cores, instructions = [], kernelClass } = machine;
  const parts = [
    date.slice(0, 10),
    `${cpu}, ${cores} cores${instructions.length > 0 ? ` (${instructions.join(', ')})` : ''}`,
    ...(kernelClass === undefined ? [] : [`relaxed dot products ${kernelClass}`]),
    places.map(({ name }) => name).join(', '),
    ...(v8Flags.length > 0 ? [`V8 with ${v8Flags.join(' ')}`] : []),
    `median of ${rounds} rounds of ${burstMs} ms, interleaved`,
  ];
  return `${parts.join('; ')}.`;
}

/** `LiteRT.js 2.5.3, …`: an engine's first package is itself. */
function peersOf({ engines }) {
  const named = Object.values(engines).filter(({ versions }) => Object.keys(versions).length > 0);
  return named.map(({ title, versions }) => `${title} ${Object.values(versions)[0]}`).join(', ');
}

/** On how many files microjoule gave the bytes of each peer that runs the same file. */
function agreementSentence({ engines, runs }) {
  const own = runs.filter(({ engine, error }) => engine === 'microjoule' && error === undefined);
  const pairs = own.flatMap((run) =>
    run.agreements.map((found) => ({ ...found, model: run.model })),
  );
  const onSameFile = pairs.filter(({ sameFile }) => sameFile);
  const counts = unique(onSameFile.map((pair) => pair.with)).map((name) => {
    const of = onSameFile.filter((pair) => pair.with === name);
    const models = unique(of.map(({ model }) => model));
    const equal = models.filter((model) =>
      of.every((pair) => pair.model !== model || pair.sameBytes === pair.inputs),
    );
    return `of ${engines[name].title} on ${equal.length} of ${models.length} files`;
  });
  return counts.length > 0 ? `microjoule's outputs are the bytes ${counts.join(', ')}.` : undefined;
}
