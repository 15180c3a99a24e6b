/** Markdown from the JSON of a run. */
import { ratio } from './statistics.mjs';

/** Those that microjoule is compared with: the fastest of the names, in that run. */
const rivals = [
  { title: 'the faster TFLite peer', engines: ['litert', 'tfjs-tflite'] },
  { title: 'onnxruntime-web', engines: ['ort-web'] },
  { title: 'native onnxruntime', engines: ['ort-node'] },
];
const own = [
  { engine: 'microjoule', note: '' },
  { engine: 'microjoule-baseline', note: ' baseline' },
];

/** Three digits, with the unit that suits. */
export function formatMs(ms) {
  if (ms < 0.1) return `${Number((1000 * ms).toPrecision(3))} µs`;
  return `${ms >= 100 ? ms.toFixed(0) : Number(ms).toPrecision(3)} ms`;
}

export function row(cells) {
  return `| ${cells.join(' | ')} |`;
}

/** A table whose first column is text and whose others are figures. */
export function table(head, lines) {
  return [row(head), row(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...lines.map(row)].join(
    '\n',
  );
}

const unique = (values) => [...new Set(values)];

/** The rows of one place and number of threads, with what stands in them. */
export function selectRows(result, place, threads) {
  const rows = result.runs.filter((run) => run.place === place && run.threads === threads);
  const models = unique(rows.map(({ model }) => model));
  // In the order of the table of engines, which is that of the file.
  const engines = Object.keys(result.engines).filter((name) =>
    rows.some(({ engine }) => engine === name),
  );
  const find = (model, engine) =>
    rows.find((run) => run.model === model && run.engine === engine && run.error === undefined);
  return { rows, models, engines, find };
}

/**
 * Times of all engines, and how many times as fast microjoule is.
 * @param cell a run's text
 */
export function timesTable(result, place, threads, cell) {
  const { models, engines, find } = selectRows(result, place, threads);
  const against = rivals.filter((rival) => rival.engines.some((name) => engines.includes(name)));
  const titles = engines.map((name) => result.engines[name].title);
  const head = [place, ...titles, ...against.map(({ title }) => `against ${title}`)];
  const lines = models.map((model) => {
    const times = engines.map((engine) => {
      const run = find(model, engine);
      if (run !== undefined) return cell(run);
      return result.runs.some((other) => isFailure(other, { place, threads, model, engine }))
        ? 'fails'
        : '';
    });
    return [result.models[model], ...times, ...against.map((rival) => speed(model, rival, find))];
  });
  return table(head, lines);
}

const isFailure = (run, wanted) =>
  run.error !== undefined && Object.entries(wanted).every(([key, value]) => run[key] === value);

/** `1.93x, 1.70x baseline` */
function speed(model, { engines }, find) {
  const peers = engines.map((name) => find(model, name)).filter((run) => run !== undefined);
  if (peers.length === 0) return '';
  const fastest = peers.reduce((best, run) => (run.medianMs < best.medianMs ? run : best));
  return own
    .map(({ engine, note }) => ({ run: find(model, engine), note }))
    .filter(({ run }) => run !== undefined)
    .map(({ run, note }) => `${ratio(fastest.roundsMs, run.roundsMs).median.toFixed(2)}x${note}`)
    .join(', ');
}

/** How many times as fast each engine is with more threads. */
export function threadsTable(result, place) {
  const most = Math.max(...result.threads);
  const one = selectRows(result, place, 1);
  const many = selectRows(result, place, most);
  const lines = many.models.map((model) => [
    result.models[model],
    ...many.engines.map((engine) => {
      const [before, after] = [one.find(model, engine), many.find(model, engine)];
      if (before === undefined || after === undefined) return '';
      const gain = ratio(before.roundsMs, after.roundsMs).median;
      return `${formatMs(after.medianMs)}, ${gain.toFixed(2)}x`;
    }),
  ]);
  const head = `${place}, ${most} threads`;
  return table([head, ...many.engines.map((name) => result.engines[name].title)], lines);
}

/** Whose bytes microjoule gives; undefined where there was nobody to compare with. */
export function agreementTable(result, place) {
  const mine = result.runs.filter((run) => run.place === place && run.engine === 'microjoule');
  const lines = mine
    .filter((run) => run.threads === 1 && run.agreements?.length > 0)
    .map((run) => [
      result.models[run.model],
      run.agreements.map((agreement) => formatAgreement(result, agreement)).join('; '),
    ]);
  if (lines.length === 0) return undefined;
  return [row(['model', `microjoule's outputs`]), row(['---', '---']), ...lines.map(row)].join(
    '\n',
  );
}

function formatAgreement(
  { engines },
  { with: name, inputs, sameBytes, sameTop1, cosine, sameFile },
) {
  const { title } = engines[name];
  if (sameFile && sameBytes === inputs) return `the bytes of ${title}`;
  const top1 =
    sameTop1 === inputs ? 'the same top-1' : `the same top-1 in ${sameTop1} of ${inputs}`;
  const twin = sameFile ? '' : ' on its twin';
  return `${top1} as ${title}${twin}, cosine ${Math.min(cosine, 0.9999).toFixed(4)}${cosine > 0.9999 ? ' or more' : ''}`;
}

/** The parts of cold starts; the last column is taken sample by sample, as each took all in turn. */
export function coldTable({ coldStart, models, engines }) {
  const lines = coldStart.map((start) => {
    const { model, importMs, loadMs, firstMs, medianMs, minMs, samplesMs } = start;
    const own = coldStart.find((other) => other.model === model && other.engine === 'microjoule');
    const isRival = own !== undefined && own !== start;
    const speed = isRival ? `${ratio(samplesMs, own.samplesMs).median.toFixed(2)}x` : '';
    const times = [importMs, loadMs, firstMs, medianMs, minMs].map(formatMs);
    return [`${models[model]}: ${engines[start.engine].title}`, ...times, speed];
  });
  const parts = ['script', 'engine and model', 'first run', 'sum, median', 'sum, least'];
  return table(['cold start', ...parts, 'against it'], lines);
}
