import { inputOf } from './models.mjs';

/** Who runs this model in this place: each engine with each number of threads, on one of its files. */
export function contestantsOf({ engines, threads, model, place }) {
  const able = engines
    .filter(({ places }) => places.includes(place.kind))
    .map((engine) => ({ engine, format: engine.formats.find((name) => model[name] !== undefined) }))
    .filter(({ format }) => format !== undefined);
  return threads.flatMap((count) =>
    able.map(({ engine, format }) => {
      const input = inputOf(model, format);
      const channelsFirst = format === 'onnx' && input.shape.length === 4;
      const options = { ...engine.options, threads: count, input, channelsFirst };
      return { engine, model, format, options };
    }),
  );
}

/** `litert`, or `litert x2` with two threads. */
export function labelOf({ engine, threads }) {
  return threads === 1 ? engine : `${engine} x${threads}`;
}

/** Without relaxed SIMD microjoule has one binary, and is one contestant. */
export function isSameBinary(entry, live) {
  const { engine, row, runner } = entry;
  return live.some((other) => {
    const isTwin = other.engine.own && engine.own && other.row.threads === row.threads;
    return isTwin && other.runner.loaded.facts.binary === runner.loaded.facts.binary;
  });
}
