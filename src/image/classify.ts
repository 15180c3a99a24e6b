import type { TypedArray } from '../graph/tensor.ts';
import { Encoder } from './encoder.ts';
import type { TensorDescription } from './inputShape.ts';
import type { Pixels } from './pixels.ts';
import type { Applied, PreprocessOptions } from './preprocess.ts';
import { type Classification, type Labels, only, Scores, type ScoringModel } from './scores.ts';

/** The part of a model that classification needs. */
export interface ClassifierModel extends ScoringModel {
  readonly inputs: readonly TensorDescription[];
  run(...inputs: TypedArray[]): TypedArray | TypedArray[];
}

export interface ClassifyOptions extends PreprocessOptions {
  /** In place of the model file's own. */
  readonly labels?: Labels;
  /** How many classes to return, 5 unless told. */
  readonly topK?: number;
}

/** Pictures in, classes out: what the options settle is settled once. */
export class Classifier {
  readonly #model: ClassifierModel;
  readonly #encoder: Encoder;
  readonly #scores: Scores;

  /** @throws RunError where the model is no classifier of pictures or the options do not fit it */
  constructor(model: ClassifierModel, options: ClassifyOptions = {}) {
    this.#model = model;
    this.#encoder = new Encoder(only('input', model.inputs), model.metadata.input, options);
    this.#scores = new Scores(model, this.#encoder.applied.batch, options.labels);
  }

  get applied(): Applied {
    return this.#encoder.applied;
  }

  /** What was settled beside the preprocessing, in sentences for people. */
  get notes(): readonly string[] {
    return this.#scores.notes;
  }

  /**
   * The most probable classes of a picture of the model's size, ties to the lower index.
   * A model of a fixed batch sees the picture in its first slot.
   */
  classify(pixels: Pixels, topK = 5): Classification[] {
    this.#encoder.place(pixels, 0);
    return this.#scores.top(this.run(), 0, topK);
  }

  /** The forward pass alone, on the picture placed last. */
  run(): TypedArray {
    const result = this.#model.run(this.#encoder.tensor);
    return Array.isArray(result) ? result[0]! : result;
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
