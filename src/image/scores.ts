import { RunError } from '../errors.ts';
import type { Metadata } from '../graph/graph.ts';
import type { TypedArray } from '../graph/tensor.ts';
import { isLabelSet, type LabelSet, labelSets } from '../labels/labels.ts';
import type { TensorDescription } from './inputShape.ts';

export interface Classification {
  readonly label: string;
  /** The number of the output; where output 0 is a background class, class c is output c + 1. */
  readonly index: number;
  /** From 0 to 1. */
  readonly probability: number;
}

/** What the output side of classification needs to know of a model. */
export interface ScoringModel {
  readonly outputs: readonly TensorDescription[];
  readonly metadata: Metadata;
  /** Its last operator is a softmax. */
  readonly outputIsProbability: boolean;
}

/** Class names, class 0 first, or the name of a built-in list. */
export type Labels = readonly string[] | LabelSet;

/** Reads a model's output as one score for each class and picture. */
export class Scores {
  readonly classCount: number;
  /** One for each output, or nothing where no names are known. */
  readonly labels: readonly string[] | undefined;
  /** What was settled, in sentences for people. */
  readonly notes: readonly string[];
  readonly #output: TensorDescription;
  readonly #isProbability: boolean;

  /** @throws RunError where the output is no list of classes, or the labels do not fit it */
  constructor(model: ScoringModel, batch: number, labels?: Labels) {
    this.#output = only('output', model.outputs);
    this.classCount = countClasses(this.#output, batch);
    this.#isProbability = model.outputIsProbability || this.classCount === 1;
    const notes: string[] = [];
    this.labels = settleLabels(model.metadata.labels, this.classCount, labels, notes);
    if (!this.#isProbability)
      notes.push('the model ends in scores: probabilities are their softmax');
    this.notes = notes;
  }

  /** The classes of picture number `slot`, most probable first, ties to the lower index. */
  top(result: TypedArray, slot: number, count: number): Classification[] {
    const scores = this.#scores(result, slot);
    const values = this.#isProbability ? scores : softmax(scores);
    const order = Array.from(values, (_, index) => index);
    order.sort((a, b) => values[b]! - values[a]! || a - b);
    return order.slice(0, count).map((index) => ({
      label: this.labels?.[index] ?? `class ${index}`,
      index,
      probability: values[index]!,
    }));
  }

  /** How many classes stand before class `index`, ties to the lower index: 0 is the top. */
  rankOf(result: TypedArray, slot: number, index: number): number {
    const scores = this.#scores(result, slot);
    const own = scores[index]!;
    let rank = 0;
    for (let i = 0; i < scores.length; i++) {
      if (scores[i]! > own || (scores[i] === own && i < index)) rank++;
    }
    return rank;
  }

  #scores(result: TypedArray, slot: number): Float64Array {
    const { scale = 1, zeroPoint = 0 } = this.#output;
    const scores = new Float64Array(this.classCount);
    const base = slot * this.classCount;
    for (let i = 0; i < scores.length; i++)
      scores[i] = (Number(result[base + i]) - zeroPoint) * scale;
    return scores;
  }
}

/** @throws RunError where there is not exactly one tensor */
export function only(
  kind: 'input' | 'output',
  tensors: readonly TensorDescription[],
): TensorDescription {
  if (tensors.length === 1) return tensors[0]!;
  throw new RunError({
    where: 'model',
    got: `${tensors.length} ${kind}s`,
    expected: `one ${kind}, of a classifier`,
    advice: 'give the model its tensors with run()',
  });
}

function countClasses(output: TensorDescription, batch: number): number {
  const count = output.shape.reduce((a, b) => a * b, 1);
  const axes = output.shape.filter((length) => length > 1).length;
  const isList = axes <= (batch > 1 ? 2 : 1) && count % batch === 0;
  if (isList && ['float32', 'uint8', 'int8'].includes(output.dtype)) return count / batch;
  throw new RunError({
    where: `output "${output.name}"`,
    got: `${output.dtype} [${output.shape.join(', ')}]`,
    expected: 'a score for each class: float32 or 8-bit, one axis beside the batch',
    advice: 'this is no classifier; use run()',
  });
}

function softmax(scores: Float64Array): Float64Array {
  const max = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = scores.map((score) => Math.exp(score - max));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** One name for each output; a background class that the names lack is put in front. */
function settleLabels(
  ofFile: readonly string[] | undefined,
  classCount: number,
  asked: Labels | undefined,
  notes: string[],
): readonly string[] | undefined {
  const names = typeof asked === 'string' ? namedLabels(asked) : asked;
  const labels = names ?? ofFile;
  if (labels === undefined || labels.length === classCount) return labels;
  if (labels.length === classCount - 1) {
    notes.push(`${classCount} outputs for ${labels.length} labels: output 0 is the background`);
    return ['background', ...labels];
  }
  if (labels.length === classCount + 1 && isBackground(labels[0]!)) {
    notes.push(`the label "${labels[0]}" is left out: the model has no output for it`);
    return labels.slice(1);
  }
  if (names === undefined) {
    notes.push(`the model file's ${labels.length} labels do not fit ${classCount} outputs: unused`);
    return undefined;
  }
  throw new RunError({
    where: 'labels',
    got: `${labels.length} names`,
    expected: `${classCount}, one for each output (or ${classCount - 1} without a background)`,
    advice: 'give the labels that the model was trained with',
  });
}

/** True for the name that label lists give to output 0 where it stands for none of the classes. */
export function isBackground(label: string): boolean {
  return label.trim().toLowerCase() === 'background';
}

function namedLabels(name: string): readonly string[] {
  if (isLabelSet(name)) return labelSets[name];
  throw new RunError({
    where: 'labels',
    got: `"${name}"`,
    expected: `a list of names, or one of ${Object.keys(labelSets).join(', ')}`,
    advice: 'give the names themselves',
  });
}
