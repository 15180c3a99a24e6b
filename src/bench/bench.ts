import { RunError } from '../errors.ts';
import type { Family, Work } from '../graph/work.ts';
import { type Binary, bytesOf, compile, supports } from '../kernels/binaries.ts';
import { catalogue } from '../kernels/catalogue.ts';
import {
  type Dots,
  doesWithoutDots,
  isExactWith,
  type Kernel,
  noDots,
  type StepKind,
} from '../kernels/kernel.ts';
import { probeDots } from '../kernels/probe.ts';
import { chooseKernel } from '../plan/choose.ts';
import { random } from '../profile/random.ts';
import { type Machine, Stopwatch } from '../profile/stopwatch.ts';
import { Bed } from './bed.ts';
import { CeilingLoops, type Ceilings, loadOf, type Roof, roofOf } from './ceilings.ts';
import { nonZeroCount } from './describe.ts';
import { type Path, pathsOf } from './instructions.ts';
import { operandsOf } from './operands.ts';
import { difference, expectedOf } from './oracle.ts';
import { allShapes, type Shape } from './shapes.ts';
import { type Timing, type TimingCounts, timeRivals } from './timing.ts';

export interface BenchOptions {
  /** Only what has this in its kernel's, its shape's or a network's name. */
  readonly filter?: string | undefined;
  /** Samples of each kernel on each shape; 11 unless told. */
  readonly samples?: number | undefined;
  /** The fastest that this engine runs unless given. */
  readonly binary?: Binary | undefined;
  readonly machine?: Machine | undefined;
  /** Hears how many shapes are done. */
  readonly progress?: (done: number, total: number) => void;
}

/** A kernel on a shape. */
export interface BenchRow {
  readonly shape: string;
  readonly networks: readonly string[];
  readonly family: Family;
  readonly kernel: string;
  /** True where the plan of a model takes this kernel for the shape. */
  readonly isPick: boolean;
  readonly why: string;
  /** 0 where nothing is multiplied and summed. */
  readonly macs: number;
  /** Those of them whose weight is not 0; undefined where weights are not ternary. */
  readonly nonZeroMacs: number | undefined;
  /** Numbers added in place of multiplying. */
  readonly additions: number | undefined;
  /** Inputs, outputs and packed weights. */
  readonly bytes: number;
  /** By which instructions it multiplies; undefined where there are no MACs. */
  readonly path: Path | undefined;
  /** Where its result was wrong: the first element that differs. It is not timed then. */
  readonly fault: string | undefined;
  readonly timing: Timing | undefined;
  readonly macsPerSecond: number;
  readonly additionsPerSecond: number | undefined;
  readonly bytesPerSecond: number;
  /** What the machine allows: additions where there are any, else MACs, else bytes. */
  readonly roof: Roof;
  /** Of the roof. */
  readonly share: number;
}

export interface BenchReport extends TimingCounts {
  readonly binary: Binary;
  readonly dots: Dots;
  readonly ceilings: Ceilings;
  readonly rows: readonly BenchRow[];
  /** Kernels of the catalogue that do not run here, and why. */
  readonly absent: readonly Absent[];
}

/** Kernels that one thing keeps from running here. */
export interface Absent {
  readonly kernels: readonly string[];
  readonly reason: string;
}

/**
 * Verifies, then times every kernel of the catalogue on every shape that it fits, next to ceilings
 * of this machine that are measured in the same run.
 * @throws RunError where nothing passes the filter
 */
export async function bench(options: BenchOptions = {}): Promise<BenchReport> {
  const {
    filter = '',
    samples = 11,
    binary = supports('relaxed') ? 'relaxed' : 'baseline',
  } = options;
  const module = await compile(binary);
  const dots = binary === 'relaxed' ? probeDots(module) : noDots;
  const bed = new Bed(module);
  const paths = pathsOf(bytesOf(binary));
  const absent = absentKernels(bed, binary, dots);
  const present = catalogue.filter(({ name }) =>
    absent.every(({ kernels }) => !kernels.includes(name)),
  );
  const jobs = jobsOf(present, filter);
  if (jobs.length === 0) {
    throw new RunError({
      where: 'option filter',
      got: `'${filter}'`,
      expected: 'a part of the name of a kernel, a shape or a network',
      advice: 'try dw, conv 1x1, or MobileNetV2',
    });
  }

  const watch = new Stopwatch(options.machine);
  const counts: TimingCounts = { repeated: 0, disturbed: 0 };
  const loops = new CeilingLoops();
  const medians = timeRivals(loops.timed, samples, watch, counts).map(({ medianMs }) => medianMs);
  const ceilings = loops.ceilings(medians);

  const rows: BenchRow[] = [];
  const warm = new Set<string>();
  for (const [i, job] of jobs.entries()) {
    rows.push(...runJob(job, { bed, dots, paths, ceilings, samples, watch, counts, warm }));
    options.progress?.(i + 1, jobs.length);
    await new Promise<void>((resolve) => void setTimeout(resolve));
  }
  return { binary, dots, ceilings, rows, absent, ...counts };
}

/** Kernels that the engine or the machine cannot run exactly, by what they lack. */
function absentKernels(bed: Bed, binary: Binary, dots: Dots): Absent[] {
  const byReason = new Map<string, string[]>();
  for (const kernel of catalogue) {
    if (isExactWith(dots, kernel) && kernel.name in bed.kernels) continue;
    const reason = binary === 'baseline' ? 'relaxed SIMD' : describeNeed(kernel, dots);
    byReason.set(reason, [...(byReason.get(reason) ?? []), kernel.name]);
  }
  return [...byReason].map(([reason, kernels]) => ({ kernels, reason: `needs ${reason}` }));
}

function describeNeed(kernel: Kernel<Work>, dots: Dots): string {
  const { dots: needed = {} } = kernel;
  if (doesWithoutDots(kernel)) return 'the baseline binary';
  const list = (of: Partial<Dots>): string =>
    Object.entries(of)
      .map(([kind, sign]) => `${kind} ${sign}`)
      .join(', ');
  return `relaxed dots: ${list(needed)}; here are ${list(dots)}`;
}

interface Job {
  readonly shape: Shape;
  readonly work: Work;
  readonly kernels: readonly Kernel<Work>[];
}

/** The shapes that have a kernel to measure, all kernels of a shape together. */
function jobsOf(kernels: readonly Kernel<Work>[], filter: string): Job[] {
  const wanted = filter.toLowerCase();
  const matches = (text: string): boolean => text.toLowerCase().includes(wanted);
  return allShapes().flatMap((shape): Job[] => {
    const isWanted = [shape.name, ...shape.networks].some(matches);
    const candidates = isWanted ? kernels : kernels.filter(({ name }) => matches(name));
    if (candidates.length === 0) return [];
    const work = shape.work();
    const fitting = candidates.filter(
      (kernel) => kernel.family === work.family && kernel.fits(work) !== undefined,
    );
    return fitting.length === 0 ? [] : [{ shape, work, kernels: fitting }];
  });
}

interface Setting {
  readonly bed: Bed;
  readonly dots: Dots;
  readonly paths: ReadonlyMap<string, Path>;
  readonly ceilings: Ceilings;
  readonly samples: number;
  readonly watch: Stopwatch;
  readonly counts: TimingCounts;
  /** Kernels that have been timed before. */
  readonly warm: Set<string>;
}

function runJob({ shape, work, kernels }: Job, setting: Setting): BenchRow[] {
  const { bed, dots, paths, ceilings, samples, watch, counts, warm } = setting;
  const operands = operandsOf(work, random(2));
  const expected = expectedOf(work, operands);
  const placed = bed.place(kernels, work, operands);
  const faults = placed.map(({ run, outputs, clear }) => {
    clear();
    run();
    const found = outputs().map((output, i) => difference(output, expected[i]!));
    return found.find((fault) => fault !== undefined);
  });
  const right = placed.filter((_, i) => faults[i] === undefined);
  const rivals = right.map(({ run }) => {
    const { name } = kernels[placed.findIndex((one) => one.run === run)]!;
    return { run, isCold: !warm.has(name) };
  });
  const timings = timeRivals(rivals, samples, watch, counts);
  for (const { name } of kernels) warm.add(name);
  const pick = chooseKernel(work, shape.name, dots).kernel;
  const macs = macsOf(work);
  return kernels.map((kernel, i): BenchRow => {
    const { bytes, packed } = placed[i]!;
    const shares = macs > 0 ? sharesOf(kernel, work, packed, paths) : undefined;
    // What most of it is.
    const [path] = [...(shares ?? [])].sort(([, a], [, b]) => b - a)[0] ?? [];
    const additions = path === 'addI16' ? kernel.executes?.(work, packed).macs : undefined;
    const operations = additions ?? macs;
    const timing = timings[right.indexOf(placed[i]!)];
    const perSecond = (count: number): number =>
      timing === undefined ? 0 : (1000 * count) / timing.medianMs;
    const roof: Roof =
      shares === undefined
        ? { perSecond: loadOf(ceilings, bytes), by: 'load' }
        : roofOf(ceilings, shares, operations, bytes);
    return {
      ...{ shape: shape.name, networks: shape.networks, family: kernel.family },
      ...{ kernel: kernel.name, isPick: kernel === pick, why: kernel.fits(work)! },
      ...{ macs, nonZeroMacs: nonZeroMacsOf(work, macs), additions, bytes, path },
      ...{ fault: faults[i], timing },
      macsPerSecond: perSecond(macs),
      additionsPerSecond: additions && perSecond(additions),
      bytesPerSecond: perSecond(bytes),
      roof,
      share: perSecond(path === undefined ? bytes : operations) / roof.perSecond,
    };
  });
}

const pathOfKind: Readonly<Record<StepKind, Path>> = {
  twoPairs: 'relaxedTwoPairs',
  pairs: 'relaxedPairs',
  maskedPairs: 'relaxedMaskedPairs',
};

/** By which instructions the kernel multiplies, and how much by each. */
function sharesOf(
  kernel: Kernel<Work>,
  work: Work,
  packed: Uint8Array,
  paths: ReadonlyMap<string, Path>,
): ReadonlyMap<Path, number> | undefined {
  if (kernel.stepKinds !== undefined) {
    const kinds = Object.entries(kernel.stepKinds(work, packed)) as [StepKind, number][];
    return new Map(kinds.map(([kind, count]) => [pathOfKind[kind], count]));
  }
  const path = paths.get(kernel.name);
  return path && new Map([[path, 1]]);
}

/** Nominal multiply-accumulates: every tap of every window. */
function macsOf(work: Work): number {
  switch (work.family) {
    case 'convU8':
    case 'ternaryU8':
    case 'convF32': {
      const { batch, outputHeight, outputWidth, outputChannels, inputChannels, groups } = work;
      const pixels = batch * outputHeight * outputWidth;
      const window = (work.kernelHeight * work.kernelWidth * inputChannels) / groups;
      return pixels * outputChannels * window;
    }
    case 'matMulF32':
      return work.shape.reduce((count, size) => count * size, work.m * work.n * work.k);
    default:
      return 0;
  }
}

function nonZeroMacsOf(work: Work, macs: number): number | undefined {
  if (work.family !== 'ternaryU8' && (work.family !== 'convU8' || work.ternary === undefined))
    return undefined;
  return (macs * nonZeroCount(work.weights)) / work.weights.length;
}
