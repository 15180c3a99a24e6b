import type { Cause } from './price.ts';

/** What the causes of energy are called in pages. */
export const causeNames: Readonly<Record<Cause, string>> = {
  macs: 'MACs',
  otherOps: 'other operations',
  weights: 'weights',
  inputs: 'inputs',
  partialSums: 'partial sums',
  outputs: 'outputs',
};
