import { chromeTrace, type Profile, profile } from '../index.ts';
import { loadModel, writeFiles } from './files.ts';
import { describeMachine, machineFacts } from './machine.ts';
import {
  columns,
  count,
  describeCosts,
  describeWeights,
  giga,
  micros,
  milliseconds,
  percent,
  print,
} from './report.ts';

export interface ProfileFlags {
  readonly runs: number;
  readonly trace?: string;
  readonly json?: boolean;
}

export async function profileCommand(path: string, { runs, trace, json }: ProfileFlags) {
  const model = await loadModel(path);
  const machine = await machineFacts(model.binary);
  const result = await profile(model, { runs });
  if (trace !== undefined) {
    const text = JSON.stringify(chromeTrace(result));
    await writeFiles([{ path: trace, bytes: new TextEncoder().encode(text) }]);
  }
  if (json) {
    const { timeline, ...figures } = result;
    print({ machine, ...figures, kernels: byKernel(result) });
    return;
  }
  print(`${path}: ${describeCosts(model)}`);
  print(describeWeights(model));
  print(`${describeMachine(machine)}\n`);
  print(stepTable(result));
  print(`\n${kernelTable(result)}`);
  print(`\n${totals(result)}`);
  if (trace !== undefined)
    print(`${trace}: ${result.timeline.length} runs, for chrome://tracing or ui.perfetto.dev`);
}

function stepTable({ steps }: Profile): string {
  const rows = steps.map((step) => [
    step.name,
    step.op,
    step.outputShape.join('x'),
    step.macs > 0 ? count(step.macs) : '',
    micros(step.medianMs),
    percent(step.share),
    giga(step.macsPerSecond),
    step.kernel,
    step.why,
  ]);
  const head = ['layer', 'op', 'output', 'MACs', 'µs', 'share', 'GMAC/s', 'kernel', 'why'];
  return columns([head, ...rows], '<<<>>>><<');
}

interface KernelSum {
  readonly kernel: string;
  readonly steps: number;
  readonly macs: number;
  readonly medianMs: number;
  readonly share: number;
}

/** What each kernel takes in all its steps, the hungriest first. */
function byKernel({ steps, stepsMs }: Profile): KernelSum[] {
  const sums = new Map<string, KernelSum>();
  for (const { kernel, macs, medianMs } of steps) {
    const sum = sums.get(kernel) ?? { kernel, steps: 0, macs: 0, medianMs: 0, share: 0 };
    const total = sum.medianMs + medianMs;
    const share = stepsMs > 0 ? total / stepsMs : 0;
    sums.set(kernel, {
      kernel,
      steps: sum.steps + 1,
      macs: sum.macs + macs,
      medianMs: total,
      share,
    });
  }
  return [...sums.values()].sort((a, b) => b.medianMs - a.medianMs);
}

function kernelTable(result: Profile): string {
  const rows = byKernel(result).map(({ kernel, steps, macs, medianMs, share }) => [
    kernel,
    count(steps),
    micros(medianMs),
    percent(share),
    giga(medianMs > 0 ? (macs / medianMs) * 1000 : 0),
  ]);
  return columns([['kernel', 'layers', 'µs', 'share', 'GMAC/s'], ...rows], '<>>>>');
}

function totals(result: Profile): string {
  const { runMs, runSpread, stepsMs, overheadMs, macsPerSecond, runs } = result;
  const { warmUpRuns, repeated, disturbed } = result;
  const rows = [
    [
      'whole run',
      milliseconds(runMs),
      `${giga(macsPerSecond)} GMAC/s, ± ${percent(runSpread / 2)}`,
    ],
    ['sum of the layers', milliseconds(stepsMs), ''],
    ['calls and copies', milliseconds(overheadMs), percent(overheadMs / runMs)],
  ];
  const samples = [
    `medians of ${count(runs)} after ${count(warmUpRuns)} runs to warm up`,
    `${count(repeated)} disturbed samples taken again`,
    ...(disturbed > 0 ? [`${count(disturbed)} counted: the machine did not become quiet`] : []),
  ];
  return `${columns(rows, '<><')}\n${samples.join(', ')}`;
}
