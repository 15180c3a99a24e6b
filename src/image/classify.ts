import { RunError } from '../errors.ts';
import type { Metadata } from '../graph/graph.ts';
import type { TypedArray } from '../graph/tensor.ts';
import { isLabelSet, type LabelSet, labelSets } from '../labels/labels.ts';
import {
  allocateImage,
  type ByteKind,
  encodePixels,
  encodingTables,
  type ImageTensor,
} from './encode.ts';
import type { TensorDescription } from './inputShape.ts';
import type { Pixels } from './pixels.ts';
import { type Applied, type PreprocessOptions, settlePreprocessing } from './preprocess.ts';

/** The part of a model that classification needs. */
export interface ClassifierModel {
  readonly name: string;
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
  readonly metadata: Metadata;
  /** Its last operator is a softmax. */
  readonly outputIsProbability: boolean;
  run(...inputs: TypedArray[]): TypedArray | TypedArray[];
}

export interface ClassifyOptions extends PreprocessOptions {
  /** Class names, class 0 first, or the name of a built-in list; else those of the model file. */
  readonly labels?: readonly string[] | LabelSet;
  /** How many classes to return, 5 unless told. */
  readonly topK?: number;
}

export interface Classification {
  readonly label: string;
  /** The number of the output; where output 0 is a background class, class c is output c + 1. */
  readonly index: number;
  /** From 0 to 1. */
  readonly probability: number;
}

/**
 * Pictures in, classes out, with buffers and tables that are made once.
 * A model of batch n takes n pictures at a time, each in its slot.
 */
export class Classifier {
  readonly applied: Applied;
  /** One for each output, or nothing where no names are known. */
  readonly labels: readonly string[] | undefined;
  readonly classCount: number;
  /** What was settled beside the preprocessing, in sentences for people. */
  readonly notes: readonly string[];
  readonly #model: ClassifierModel;
  readonly #input: TensorDescription;
  readonly #output: TensorDescription;
  readonly #tensor: ImageTensor;
  readonly #tables = new Map<ByteKind, ImageTensor[]>();
  #result: TypedArray | undefined;

  /** @throws RunError where the model is no classifier of pictures or the options do not fit it */
  constructor(model: ClassifierModel, options: ClassifyOptions = {}) {
    this.#model = model;
    this.#input = only(model, 'input', model.inputs);
    this.#output = only(model, 'output', model.outputs);
    this.applied = settlePreprocessing(this.#input, model.metadata.input, options);
    const { batch, height, width, channels } = this.applied;
    this.#tensor = allocateImage(this.#input, batch * height * width * channels);
    this.classCount = countClasses(this.#output, batch);
    const notes: string[] = [];
    this.labels = settleLabels(model, this.classCount, options.labels, notes);
    if (!model.outputIsProbability && this.classCount > 1)
      notes.push('the model ends in scores: probabilities are their softmax');
    this.notes = notes;
  }

  /** The most probable classes of one picture, ties to the lower index. */
  classify(pixels: Pixels, topK = 5): Classification[] {
    this.place(pixels, 0);
    this.run();
    return this.top(topK, 0);
  }

  /** Puts a picture of the model's size into a slot of the input. */
  place(pixels: Pixels, slot: number): void {
    const { applied } = this;
    encodePixels(pixels, applied, applied.order, this.#tablesFor('uint8'), this.#tensor, slot);
  }

  /** Puts samples of a byte each, [height][width][channels], into a slot: value = (byte − mean) / std. */
  placeBytes(bytes: Uint8Array, kind: ByteKind, slot: number): void {
    const { width, height, channels } = this.applied;
    const tables = this.#tablesFor(kind);
    encodePixels(
      { data: bytes, width, height, channels },
      this.applied,
      this.applied.order,
      tables,
      this.#tensor,
      slot,
    );
  }

  /** Puts elements of the input's own dtype and layout into a slot. */
  placeTensor(bytes: Uint8Array, slot: number): void {
    const { buffer, byteOffset, byteLength } = this.#tensor;
    const slotBytes = byteLength / this.applied.batch;
    new Uint8Array(buffer, byteOffset + slot * slotBytes, slotBytes).set(bytes);
  }

  /** Bytes of one picture in the input's own dtype. */
  get slotBytes(): number {
    return this.#tensor.byteLength / this.applied.batch;
  }

  run(): void {
    const result = this.#model.run(this.#tensor);
    this.#result = Array.isArray(result) ? result[0] : result;
  }

  /** The classes of a slot after `run()`, most probable first, ties to the lower index. */
  top(count: number, slot: number): Classification[] {
    const values = this.#probabilities(slot);
    const order = Array.from(values, (_, index) => index);
    order.sort((a, b) => values[b]! - values[a]! || a - b);
    return order.slice(0, count).map((index) => ({
      label: this.labels?.[index] ?? `class ${index}`,
      index,
      probability: values[index]!,
    }));
  }

  /** How many classes stand before class `index` in a slot after `run()`: 0 is the top. */
  rankOf(index: number, slot: number): number {
    const scores = this.#scores(slot);
    const own = scores[index]!;
    let rank = 0;
    for (let i = 0; i < scores.length; i++) {
      if (scores[i]! > own || (scores[i] === own && i < index)) rank++;
    }
    return rank;
  }

  #tablesFor(kind: ByteKind): ImageTensor[] {
    let tables = this.#tables.get(kind);
    if (tables === undefined) {
      tables = encodingTables(this.#input, this.applied, kind);
      this.#tables.set(kind, tables);
    }
    return tables;
  }

  #scores(slot: number): Float64Array {
    const { scale = 1, zeroPoint = 0 } = this.#output;
    const scores = new Float64Array(this.classCount);
    const base = slot * this.classCount;
    for (let i = 0; i < scores.length; i++)
      scores[i] = (Number(this.#result![base + i]) - zeroPoint) * scale;
    return scores;
  }

  #probabilities(slot: number): Float64Array {
    const scores = this.#scores(slot);
    return this.#model.outputIsProbability || scores.length === 1 ? scores : softmax(scores);
  }
}

/**
 * Classifies one picture that has the model's size already.
 * @throws RunError where picture, options and model do not fit together
 */
export function classify(
  model: ClassifierModel,
  pixels: Pixels,
  options: ClassifyOptions = {},
): Classification[] {
  return new Classifier(model, options).classify(pixels, options.topK);
}

function softmax(scores: Float64Array): Float64Array {
  const max = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = scores.map((score) => Math.exp(score - max));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function only(
  model: ClassifierModel,
  kind: 'input' | 'output',
  tensors: readonly TensorDescription[],
): TensorDescription {
  if (tensors.length === 1) return tensors[0]!;
  throw new RunError({
    where: model.name,
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

/** One name for each output; a background class that the names lack is put in front. */
function settleLabels(
  model: ClassifierModel,
  classCount: number,
  asked: ClassifyOptions['labels'],
  notes: string[],
): readonly string[] | undefined {
  const names = typeof asked === 'string' ? namedLabels(asked) : asked;
  const labels = names ?? model.metadata.labels;
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
