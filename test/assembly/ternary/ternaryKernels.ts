import type { ConvU8Work } from '../../../src/graph/work.ts';
import { type Kernel, noDots } from '../../../src/kernels/kernel.ts';
import type { TupleSize } from '../../../src/kernels/sumsLayout.ts';
import { ternarySums } from '../../../src/kernels/ternarySums.ts';
import {
  canShareWords,
  canSumBytes,
  ternaryBytesU8,
  ternaryWordsU8,
} from '../../../src/kernels/ternaryU8.ts';
import { binariesOf } from '../harness.ts';

const labels = new Map<Kernel<ConvU8Work>, string>();

/** Kernels that differ in their tables have one name. */
function named(label: string, kernel: Kernel<ConvU8Work>): Kernel<ConvU8Work> {
  labels.set(kernel, `${kernel.name} of ${label}`);
  return kernel;
}

/** Lists of tuples of a size. */
function sums(label: string, size: TupleSize): Kernel<ConvU8Work> {
  const name = 'conv_u8t2_sums_32';
  return named(label, ternarySums({ name, pays: () => true, tupleSize: () => size }));
}

/** The kernel for all work that it can do, if not the fastest. */
function able(
  kernel: Kernel<ConvU8Work>,
  can: (work: ConvU8Work) => boolean,
  dots: Kernel['dots'],
): Kernel<ConvU8Work> {
  const { dots: _, ...rest } = kernel;
  return { ...rest, fits: (work) => (can(work) ? 'able' : undefined), ...(dots && { dots }) };
}

/** A kernel, the tile's pixels and channels, the numbers of a step; and a binary to run it in. */
export const ternaryKernels = (
  [
    [able(ternaryBytesU8, canSumBytes, { pairs: 'unsigned' }), 4, 16, 4],
    [able(ternaryWordsU8, canShareWords, noDots), 2, 32, 2],
    [sums('inputs', 1), 16, 20, 16],
    [sums('pairs', 2), 32, 20, 16],
    [sums('triples', 3), 32, 20, 16],
  ] as readonly (readonly [Kernel<ConvU8Work>, number, number, number])[]
).flatMap(([kernel, m, n, k]) =>
  binariesOf(kernel).map((binary) => ({
    name: labels.get(kernel) ?? kernel.name,
    kernel,
    binary,
    m,
    n,
    k,
  })),
);
