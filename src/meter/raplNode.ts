import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Linux' tree of energy counters; AMD processors stand there under Intel's name too. */
const powercapRoot = '/sys/class/powercap';

/** A counter of microjoules that begins anew after `range`. */
interface Zone {
  readonly domain: string;
  readonly path: string;
  readonly range: number;
}

/**
 * Energy counters of the processor (RAPL). Packages and DRAM are summed: cores and uncore are part of
 * their package, psys is more than the processor, and intel-rapl-mmio repeats the package.
 */
export class RaplMeter {
  readonly #zones: readonly Zone[];
  readonly #last: number[];
  #joules = 0;

  constructor(zones: readonly Zone[]) {
    this.#zones = zones;
    this.#last = zones.map(readCounter);
  }

  /** What is summed, such as 'package-0'. */
  get domains(): string[] {
    return this.#zones.map(({ domain }) => domain);
  }

  /**
   * Joules since the meter was made. Counters wrap, at 100 W after eleven minutes and more: read it
   * more often than that.
   */
  read(): number {
    this.#zones.forEach((zone, i) => {
      const now = readCounter(zone);
      const moved = now - this.#last[i]!;
      this.#last[i] = now;
      this.#joules += (moved < 0 ? moved + zone.range : moved) / 1e6;
    });
    return this.#joules;
  }
}

function readCounter({ path }: Zone): number {
  return readNumber(join(path, 'energy_uj'));
}

function readNumber(path: string): number {
  const value = Number(readFileSync(path, 'utf8').trim());
  if (Number.isFinite(value)) return value;
  throw new Error(`${path} holds no number`);
}

/**
 * The machine's meter, or why there is none.
 * @param root of the tree, for tests
 */
export function findMeter(root = powercapRoot): RaplMeter | { readonly why: string } {
  const list = entriesOf(root);
  if (list === undefined) {
    return {
      why: `no ${root}: not Linux, a virtual machine, or a container that hides it`,
    };
  }
  const names = list.filter((name) => /^intel-rapl:\d+(:\d+)*$/.test(name)).sort();
  if (names.length === 0) return { why: `${root} has no intel-rapl zones` };
  const zones: Zone[] = [];
  try {
    for (const name of names) {
      const path = join(root, name);
      const domain = readFileSync(join(path, 'name'), 'utf8').trim();
      if (!/^(package-\d+|dram)$/.test(domain)) continue;
      zones.push({ domain, path, range: readNumber(join(path, 'max_energy_range_uj')) });
    }
    if (zones.length === 0) return { why: `${root} has no zone of a package` };
    return new RaplMeter(zones);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'EACCES' || code === 'EPERM'
        ? 'the counters may be read by root only (since CVE-2020-8694); run as root, or let a udev rule give energy_uj to a group'
        : `the counters cannot be read: ${code ?? message}`;
    return { why };
  }
}

function entriesOf(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}
