import { RunError } from '../errors.ts';
import { isBackground } from '../image/scores.ts';
import type { Dataset } from './dataset.ts';

/** The model's side of the question which output a class of a data set is. */
export interface ModelClasses {
  readonly count: number;
  readonly labels: readonly string[] | undefined;
  /** Whether output 0 is a background class; by default it is found out. */
  readonly background?: boolean;
}

export interface ResolvedClasses {
  /** The output of each sample. */
  readonly indices: readonly number[];
  readonly notes: readonly string[];
}

/** Outputs of the networks that have ImageNet's 1000 classes and a background. */
const imagenetWithBackground = 1001;

/**
 * Finds the output that stands for the class of each sample: by its number, by its name among the
 * labels, or by its place among the sorted names.
 * @throws RunError where classes and outputs do not fit together
 */
export function resolveClasses(dataset: Dataset, model: ModelClasses): ResolvedClasses {
  const names = [...new Set(dataset.samples.map((sample) => sample.class))].sort();
  const numbers = names.map(Number);
  const notes: string[] = [];
  const outputs = numbers.every((n) => Number.isSafeInteger(n) && n >= 0)
    ? byNumber(numbers, model, notes)
    : (byLabel(names, model.labels, notes) ?? byOrder(dataset, names, model, notes));
  const outputOf = new Map(names.map((name, i) => [name, outputs[i]!]));
  for (const { file, class: name } of dataset.samples) {
    if (outputOf.get(name)! < model.count) continue;
    throw new RunError({
      where: `${dataset.name}: ${file}`,
      got: `class ${name}`,
      expected: `a class of the model's ${model.count} outputs`,
      advice: 'check that the data set is meant for this model',
    });
  }
  return { indices: dataset.samples.map((sample) => outputOf.get(sample.class)!), notes };
}

function byNumber(numbers: readonly number[], model: ModelClasses, notes: string[]): number[] {
  const offset = hasBackground(model, Math.max(...numbers) + 1) ? 1 : 0;
  if (offset === 1)
    notes.push('output 0 is the background: class c of the data set is output c + 1');
  return numbers.map((n) => n + offset);
}

function byLabel(
  names: readonly string[],
  labels: readonly string[] | undefined,
  notes: string[],
): number[] | undefined {
  const indexOf = new Map(labels?.map((label, index) => [plain(label), index]));
  const found = names.map((name) => indexOf.get(plain(name)));
  if (!found.every((index) => index !== undefined)) return undefined;
  notes.push('classes are matched to the labels by name');
  return found;
}

function byOrder(
  dataset: Dataset,
  names: readonly string[],
  model: ModelClasses,
  notes: string[],
): number[] {
  const offset = hasBackground(model, names.length) ? 1 : 0;
  if (names.length + offset === model.count) {
    const background = offset === 1 ? ', output 0 is the background' : '';
    notes.push(`classes are the ${names.length} names in sorted order${background}`);
    return names.map((_, i) => i + offset);
  }
  throw new RunError({
    where: dataset.name,
    got: `${names.length} classes (${names.slice(0, 3).join(', ')}${names.length > 3 ? ' ...' : ''})`,
    expected: `${model.count}, one for each output, or names that are among the labels`,
    advice: 'give the class names with --labels, or class numbers in the data set',
  });
}

/** @param classes how many classes the data set has at least */
function hasBackground({ background, labels, count }: ModelClasses, classes: number): boolean {
  if (background !== undefined) return background;
  if (classes > count - 1) return false;
  if (labels !== undefined) return isBackground(labels[0]!);
  return count === imagenetWithBackground;
}

/** Folder names cannot hold every character that labels do. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
