import { script } from '../../build/benchPage.generated.ts';
import { type BenchReport, type BenchRow, bench } from '../bench/bench.ts';
import type { Ceilings } from '../bench/ceilings.ts';
import { benchPage, binaryBytes } from '../bench/page.ts';
import { PlanError } from '../errors.ts';
import { type Binary, supports } from '../kernels/binaries.ts';
import { writeFiles } from './files.ts';
import { describeMachine, machineFacts } from './machine.ts';
import { Progress } from './progress.ts';
import { columns, count, giga, micros, percent, print } from './report.ts';

export interface BenchFlags {
  readonly filter?: string;
  readonly samples: number;
  readonly binary?: Binary;
  readonly html?: string;
  readonly json?: boolean;
}

export async function benchCommand(flags: BenchFlags) {
  const { filter, samples, binary, html, json } = flags;
  if (binary !== undefined && !supports(binary)) {
    throw new PlanError({
      where: 'option --binary',
      got: binary,
      expected: 'a binary that this engine runs',
      advice: 'take an engine that has relaxed SIMD, such as Node 24',
    });
  }
  const report = await measure({ filter, samples, binary });
  const machine = await machineFacts(report.binary);
  if (html !== undefined) {
    const date = new Date().toISOString().slice(0, 10);
    const page = benchPage(report, { machine: describeMachine(machine), date, script });
    await writeFiles([{ path: html, bytes: new TextEncoder().encode(page) }]);
  }
  if (json) print({ machine, ...report });
  else {
    print(`${describeMachine(machine)}\n`);
    print(ceilingTable(report.ceilings));
    print(`\n${rowTable(report.rows)}`);
    print(`\n${legend(report)}`);
  }
  const faults = report.rows.filter(({ fault }) => fault !== undefined);
  if (faults.length > 0) process.exitCode = 1;
}

async function measure(options: {
  filter: string | undefined;
  samples: number;
  binary: Binary | undefined;
}): Promise<BenchReport> {
  let progress: Progress | undefined;
  try {
    return await bench({
      ...options,
      progress: (_, total) => {
        progress ??= new Progress(total);
        progress.advance();
      },
    });
  } finally {
    progress?.stop();
  }
}

function ceilingTable({ paths, loads }: Ceilings): string {
  const rows = [
    ...paths.map(({ path, instructions, macsPerSecond }) => [
      path,
      giga(macsPerSecond),
      path === 'addI16' ? 'Gadd/s' : 'GMAC/s',
      instructions,
    ]),
    ...loads.map((load) => [
      `load ${binaryBytes(load.bytes)}`,
      giga(load.bytesPerSecond),
      'GB/s',
      'v128.load, v128.xor, again and again',
    ]),
  ];
  return columns([['ceiling', '', '', 'instructions'], ...rows], '<><<');
}

function rowTable(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [
    row.isPick ? '*' : '',
    row.shape,
    row.kernel,
    row.timing === undefined ? '' : micros(row.timing.medianMs),
    row.timing === undefined ? '' : percent(row.timing.spread / 2),
    giga(row.macsPerSecond),
    row.nonZeroMacs === undefined ? '' : percent(row.nonZeroMacs / row.macs),
    row.additionsPerSecond === undefined ? '' : giga(row.additionsPerSecond),
    giga(row.bytesPerSecond),
    row.timing === undefined ? '' : percent(row.share),
    row.fault === undefined
      ? row.roof.by === 'path'
        ? (row.path ?? '')
        : 'load'
      : `WRONG: ${row.fault}`,
  ]);
  const head = [
    '',
    'shape',
    'kernel',
    'µs',
    '±',
    'GMAC/s',
    'not 0',
    'Gadd/s',
    'GB/s',
    'share',
    'of ceiling',
  ];
  return columns([head, ...cells], '<<<>>>>>>><');
}

function legend({ rows, absent, repeated, disturbed }: BenchReport): string {
  const wrong = rows.filter(({ fault }) => fault !== undefined).length;
  return [
    `* what a plan takes; ± half of the middle half; GB/s of operands and weights, once each`,
    'ternary: GMAC/s with the zeros, the share of MACs without, additions in place of products',
    wrong === 0
      ? `${count(rows.length)} results verified before they were timed`
      : `${count(wrong)} of ${count(rows.length)} results are WRONG and were not timed`,
    `${count(repeated)} disturbed samples taken again${
      disturbed > 0 ? `, ${count(disturbed)} counted: the machine did not become quiet` : ''
    }`,
    ...absent.map(
      ({ kernels, reason }) => `not on this machine: ${kernels.join(', ')} (${reason})`,
    ),
  ].join('\n');
}
