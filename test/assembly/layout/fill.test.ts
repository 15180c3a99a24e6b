import { expect, test } from 'vitest';
import type { FillWork } from '../../../src/graph/work.ts';
import { fill } from '../../../src/kernels/fill.ts';
import { referenceFill } from '../../reference/copy.ts';
import { around, product } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';

const cases = product({
  bytes: [1, 2, 4, 8],
  count: [0, ...around(16)],
  misalign: [0, 1],
  binary: binaryNames,
});

test.each(cases)('fill %o', ({ bytes, count, misalign, binary }) => {
  const work: FillWork = {
    family: 'fill',
    value: Uint8Array.from({ length: bytes }, (_, i) => 17 * i + 3),
    count,
  };
  const output = new Uint8Array(count * bytes);
  const [actual] = runKernel(fill, work, [], [output], { binary, misalign });
  expect(actual).toEqual(referenceFill(work));
});
