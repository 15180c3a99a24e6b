import type { Profile } from './profile.ts';

/** One event of a trace: a span ('X', complete) or a name ('M', metadata). Times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'M';
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface ChromeTrace {
  readonly displayTimeUnit: 'ns' | 'ms';
  readonly traceEvents: readonly TraceEvent[];
}

/**
 * The last runs of a profile for chrome://tracing and Perfetto: a span for each run, and those of
 * its steps inside of it.
 * @see https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU (the format)
 */
export function chromeTrace({ model, binary, macs, steps, timeline }: Profile): ChromeTrace {
  const place = { pid: 1, tid: 1 };
  const origin = timeline[0]?.startMs ?? 0;
  const micros = (ms: number): number => Number((1000 * ms).toFixed(3));
  const span = (startMs: number, durationMs: number) => ({
    ph: 'X' as const,
    ...place,
    ts: micros(startMs - origin),
    dur: micros(durationMs),
  });
  const events = timeline.flatMap((run, i): TraceEvent[] => [
    {
      name: `run ${i + 1}`,
      cat: 'run',
      ...span(run.startMs, run.durationMs),
      args: { macs, binary },
    },
    ...run.steps.map((moment, s): TraceEvent => {
      const { name, op, kernel, why, inputShape, outputShape, macs: stepMacs } = steps[s]!;
      return {
        name,
        cat: op,
        ...span(moment.startMs, moment.durationMs),
        args: { op, kernel, why, inputShape, outputShape, macs: stepMacs },
      };
    }),
  ]);
  return {
    displayTimeUnit: 'ns',
    traceEvents: [
      { name: 'process_name', ph: 'M', ...place, args: { name: 'microjoule' } },
      { name: 'thread_name', ph: 'M', ...place, args: { name: model } },
      ...events,
    ],
  };
}
