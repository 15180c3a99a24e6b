import { launchChromium, openPage } from './chromium.mjs';
import { contestantsOf } from './contestants.mjs';
import { median } from './statistics.mjs';

/** A browser that has just started is busy with itself for a second. */
const restMs = 2000;

/**
 * From the model's bytes in memory to its first result, in a browser that was started for it: the
 * engine's script and wasm come from a server of this machine. Each sample takes every engine in
 * turn.
 * @returns a row for each engine: medians of the parts and of the sum, milliseconds
 */
export async function coldStart({ executablePath, origin, v8Flags, engines, model, samples, say }) {
  const place = { kind: 'chromium' };
  const contestants = contestantsOf({ engines, threads: [1], model, place });
  const taken = new Map(contestants.map(({ engine }) => [engine.name, []]));
  for (let sample = 0; sample < samples; sample++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(turn + sample) % contestants.length];
      const browser = await launchChromium(executablePath, v8Flags);
      try {
        const { loaded, close } = await openPage(browser, origin, contestant, restMs);
        taken.get(contestant.engine.name).push(loaded);
        await close();
      } catch (error) {
        say(`  cold start of ${contestant.engine.name}: ${error.message}`);
      }
      await browser.close();
    }
  }
  return [...taken]
    .filter(([, list]) => list.length > 0)
    .map(([engine, list]) => ({ model: model.key, engine, ...partsOf(list) }));
}

function partsOf(list) {
  const totals = list.map(({ importMs, loadMs, firstMs }) => importMs + loadMs + firstMs);
  const of = (part) => median(list.map((sample) => sample[part]));
  return {
    samples: list.length,
    importMs: of('importMs'),
    loadMs: of('loadMs'),
    firstMs: of('firstMs'),
    medianMs: median(totals),
    minMs: Math.min(...totals),
    samplesMs: totals,
  };
}
