import type { Sample } from './dataset.ts';
import type { Feed, Prepared } from './feed.ts';

/** Samples that are read and decoded ahead of the model. */
const ahead = 8;

/** Prepares samples in order while the model works on those before. */
export async function* prepareAhead(
  samples: readonly Pick<Sample, 'file' | 'read'>[],
  feed: Feed,
): AsyncGenerator<Prepared> {
  const waiting: Promise<Prepared>[] = [];
  let next = 0;
  while (next < samples.length || waiting.length > 0) {
    while (next < samples.length && waiting.length < ahead) {
      const { file, read } = samples[next++]!;
      const prepared = read().then((bytes) => feed.prepare(file, bytes));
      // Its error is thrown in its turn; until then nobody listens, which is no reason to end.
      prepared.catch(() => undefined);
      waiting.push(prepared);
    }
    yield await waiting.shift()!;
  }
}
