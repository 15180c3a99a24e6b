import type { Preprocessing } from '../graph/graph.ts';
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

/** Turns pictures into a model's input, with a buffer and tables that are made once. */
export class Encoder {
  readonly applied: Applied;
  /** The input, with `applied.batch` slots for pictures. */
  readonly tensor: ImageTensor;
  readonly #input: TensorDescription;
  readonly #tables = new Map<ByteKind, ImageTensor[]>();

  /**
   * @param tensor the buffer to write into, a new one unless given
   * @throws RunError where input, model file and options do not settle the preprocessing
   */
  constructor(
    input: TensorDescription,
    fromFile: Preprocessing | undefined,
    options: PreprocessOptions,
    tensor?: ImageTensor,
  ) {
    this.#input = input;
    this.applied = settlePreprocessing(input, fromFile, options);
    const { batch, height, width, channels } = this.applied;
    this.tensor = tensor ?? allocateImage(input, batch * height * width * channels);
  }

  /** Puts a picture of the model's size into a slot. */
  place(pixels: Pixels, slot: number): void {
    this.#place(pixels, 'uint8', slot);
  }

  /** Puts samples of a byte each, [height][width][channels], into a slot. */
  placeBytes(data: Uint8Array, kind: ByteKind, slot: number): void {
    const { width, height, channels } = this.applied;
    this.#place({ data, width, height, channels }, kind, slot);
  }

  #place(pixels: Pixels, kind: ByteKind, slot: number): void {
    let tables = this.#tables.get(kind);
    if (tables === undefined) {
      tables = encodingTables(this.#input, this.applied, kind);
      this.#tables.set(kind, tables);
    }
    encodePixels(pixels, this.applied, this.applied.order, tables, this.tensor, slot);
  }
}
