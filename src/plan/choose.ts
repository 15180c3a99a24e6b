import { PlanError } from '../errors.ts';
import type { Work } from '../graph/work.ts';
import { catalogue } from '../kernels/catalogue.ts';
import { type Dots, isExactWith, type Kernel } from '../kernels/kernel.ts';

export interface Choice {
  readonly kernel: Kernel<Work>;
  readonly why: string;
}

const families = new Map<Work['family'], Kernel<Work>[]>();
for (const kernel of catalogue) {
  const family = families.get(kernel.family);
  if (family === undefined) families.set(kernel.family, [kernel]);
  else family.push(kernel);
}

/**
 * The first kernel of the work's family that fits it.
 * @param where names the node in the error
 * @param dots what the machine's relaxed dots compute
 */
export function chooseKernel(work: Work, where: string, dots: Dots): Choice {
  for (const kernel of families.get(work.family) ?? []) {
    if (!isExactWith(dots, kernel)) continue;
    const why = kernel.fits(work, dots);
    if (why !== undefined) return { kernel, why };
  }
  throw new PlanError({
    where,
    got: `work of the family ${work.family} that no kernel fits`,
    expected: 'a shape that one of the kernels takes',
    advice: 'open an issue with this message and the model',
  });
}
