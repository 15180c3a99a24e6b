import { median, summarize } from './statistics.mjs';

/** Share of a burst that an engine may wait for the core, and how often a burst is tried. */
const mostWaited = 0.1;
const mostTries = 3;

/**
 * Warms all engines up, and then gives each a burst in turn, in an order that rotates from round to
 * round. The figures go into the entries' rows; an engine that fails is out.
 * @param live entries `{ row, runner }`
 * @param warmUp { leastMs, mostMs }
 * @param queue tells how long the engines have waited for the core, `waitedMs()`
 * @param fail is called with an entry and its error
 */
export async function runRounds(live, { rounds, burstMs, warmUp, queue, fail }) {
  const attempt = async (entry, step) => {
    try {
      await step(entry);
    } catch (error) {
      fail(entry, error);
    }
  };
  const racing = () => live.filter(({ row }) => row.error === undefined);
  for (const entry of live) {
    entry.bursts = [];
    await attempt(entry, async ({ runner }) => {
      entry.warm = await runner.warmUp(warmUp.leastMs, warmUp.mostMs);
    });
  }
  // One engine may have warmed up while others had the core: the best of all is the best there is.
  const bestMs = Math.min(...racing().map(({ warm }) => warm.bestMs));
  for (let round = 0; round < rounds; round++) {
    const order = racing();
    for (let turn = 0; turn < order.length; turn++) {
      await attempt(order[(turn + round) % order.length], async ({ runner, bursts }) => {
        bursts.push(await quietBurst(() => runner.burst(burstMs, bestMs), queue));
      });
    }
  }
  for (const { row, warm, bursts } of racing()) Object.assign(row, figures(warm, bursts));
}

function figures({ warmUpMs, steady }, bursts) {
  const samples = bursts.map((burst) => burst.samples);
  return {
    ...summarize(samples),
    samples: samples.flat().length,
    dropped: bursts.reduce((sum, { dropped }) => sum + dropped, 0),
    waited: median(bursts.map(({ waited }) => waited)),
    disturbedRounds: bursts.filter(isDisturbed).length,
    warmUpMs,
    steady,
  };
}

function isDisturbed({ disturbed, waited }) {
  return disturbed || waited > mostWaited;
}

/** A burst, repeated where the engine had to wait for the core; the one that waited least. */
async function quietBurst(burst, queue) {
  let best;
  for (let i = 0; i < mostTries && (best === undefined || isDisturbed(best)); i++) {
    const before = queue.waitedMs();
    const start = performance.now();
    const result = await burst();
    const spentMs = performance.now() - start;
    const waited = (queue.waitedMs() - before) / spentMs;
    if (best === undefined || waited < best.waited) best = { ...result, waited };
  }
  return best;
}
