import { ModelError } from '../../errors.ts';

export const brokenFile = 'the file is broken, export the model again';

/** Refuses the file for one thing that is wrong with it. */
export function fail(where: string, got: string, expected: string, advice = brokenFile): never {
  throw new ModelError({ where, got, expected, advice });
}
