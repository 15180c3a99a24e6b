import type { TypedArray } from '../../src/graph/tensor.ts';
import type { ClassifierModel } from '../../src/image/classify.ts';
import type { TensorDescription } from '../../src/image/inputShape.ts';

/** A model that keeps what it is given and answers with fixed numbers. */
export interface FakeModel extends ClassifierModel {
  readonly seen: TypedArray[];
}

export function fakeModel(
  input: Partial<TensorDescription>,
  answer: TypedArray,
  rest: Partial<Omit<ClassifierModel, 'outputs'>> & { output?: Partial<TensorDescription> } = {},
): FakeModel {
  const seen: TypedArray[] = [];
  const { output, ...others } = rest;
  const shape = input.shape ?? [1, 2, 2, 3];
  return {
    inputs: [{ name: 'in', dtype: 'uint8', ...input, shape }],
    outputs: [
      {
        name: 'out',
        dtype: 'float32',
        shape: [shape[0] ?? 1, answer.length / (shape[0] ?? 1)],
        ...output,
      },
    ],
    metadata: {},
    outputIsProbability: true,
    run: (...inputs) => {
      seen.push(...inputs.map((tensor) => tensor.slice()));
      return answer;
    },
    ...others,
    seen,
  };
}
