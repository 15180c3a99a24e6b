import { extname } from 'node:path';
import { RunError } from '../errors.ts';
import type { Preprocessing } from '../graph/graph.ts';
import { allocate, type TypedArray } from '../graph/tensor.ts';
import type { ByteKind, ImageTensor } from '../image/encode.ts';
import { Encoder } from '../image/encoder.ts';
import { readImage } from '../image/imageNode.ts';
import { type ImageShape, imageShape } from '../image/inputShape.ts';
import type { Pixels } from '../image/pixels.ts';
import { type Applied, describeApplied, type PreprocessOptions } from '../image/preprocess.ts';
import type { TensorInfo } from '../index.ts';
import { isRaw } from './dataset.ts';
import { count } from './report.ts';

/** How files without a header are read: uint8 pixels, int8 numbers, or the input's own elements. */
export type RawKind = 'pixels' | 'signed' | 'tensor';

/** A sample on its way into the input. */
export type Prepared =
  | { readonly kind: 'image'; readonly pixels: Pixels }
  | { readonly kind: RawKind; readonly bytes: Uint8Array };

/** Fills a model's input with samples of a data set, whatever they are. */
export class Feed {
  readonly tensor: TypedArray;
  readonly batch: number;
  readonly #input: TensorInfo;
  readonly #fromFile: Preprocessing | undefined;
  readonly #options: PreprocessOptions;
  readonly #raw: RawKind | undefined;
  readonly #shape: ImageShape | undefined;
  readonly #rawNotes = new Set<string>();
  #encoder: Encoder | undefined;

  constructor(
    input: TensorInfo,
    fromFile: Preprocessing | undefined,
    options: PreprocessOptions,
    raw?: RawKind,
  ) {
    this.#input = input;
    this.#fromFile = fromFile;
    this.#options = options;
    this.#raw = raw;
    this.#shape = shapeIfImage(input, options);
    this.batch = this.#shape?.batch ?? (input.shape.length > 1 ? input.shape[0]! : 1);
    this.tensor = allocate(
      input.dtype,
      input.shape.reduce((a, b) => a * b, 1),
    );
  }

  get applied(): Applied | undefined {
    return this.#encoder?.applied;
  }

  /** What was done to the samples, in sentences for people. */
  get notes(): string[] {
    const applied = this.applied === undefined ? [] : [`input: ${describeApplied(this.applied)}`];
    return [...applied, ...this.#rawNotes];
  }

  /** @throws RunError where the file is neither a picture nor a raw sample of the right size */
  async prepare(file: string, bytes: Uint8Array): Promise<Prepared> {
    if (!isRaw(file)) {
      const { applied } = this.#settled();
      return { kind: 'image', pixels: await readImage(bytes, applied, applied, file) };
    }
    const kind = this.#raw ?? this.#kindOf(file, bytes.length);
    const expected = kind === 'tensor' ? this.#tensorBytes : this.#samples;
    if (bytes.length === expected) {
      this.#rawNotes.add(`raw files are taken as ${this.#describe(kind)}`);
      return { kind, bytes };
    }
    throw new RunError({
      where: file,
      got: `${count(bytes.length)} bytes`,
      expected: `${count(expected)}: ${this.#describe(kind)}`,
      advice: 'give one sample a file, without a header; say what it is with --raw',
    });
  }

  place(sample: Prepared, slot: number): void {
    if (sample.kind === 'image') {
      this.#settled().place(sample.pixels, slot);
    } else if (sample.kind === 'tensor') {
      const { buffer } = this.tensor;
      new Uint8Array(buffer, slot * this.#tensorBytes, this.#tensorBytes).set(sample.bytes);
    } else {
      const kind: ByteKind = sample.kind === 'pixels' ? 'uint8' : 'int8';
      this.#settled().placeBytes(sample.bytes, kind, slot);
    }
  }

  get #tensorBytes(): number {
    return this.tensor.byteLength / this.batch;
  }

  /** Numbers in a sample. */
  get #samples(): number {
    return this.tensor.length / this.batch;
  }

  #settled(): Encoder {
    // An encoder takes only the element types that its buffer can have; it throws for others.
    const tensor = this.tensor as ImageTensor;
    this.#encoder ??= new Encoder(this.#input, this.#fromFile, this.#options, tensor);
    return this.#encoder;
  }

  /**
   * The ending tells. Where it does not, colour is pixels; what has one channel and fits an int8
   * input byte for byte (spectrograms do) is that input's own.
   */
  #kindOf(file: string, length: number): RawKind {
    const ending = extname(file).toLowerCase();
    const { dtype } = this.#input;
    if (this.#shape === undefined || ending === '.f32' || ending === '.i32' || ending === '.i64')
      return 'tensor';
    if (ending === '.u8') return 'pixels';
    if (ending === '.i8') return dtype === 'int8' ? 'tensor' : 'signed';
    if (length !== this.#samples) return 'tensor';
    return dtype === 'int8' && this.#shape.channels === 1 ? 'tensor' : 'pixels';
  }

  #describe(kind: RawKind): string {
    const { dtype, shape } = this.#input;
    if (kind === 'tensor') return `elements of the input, ${dtype} [${shape.slice(1).join(', ')}]`;
    const { height = 1, width = this.#samples, channels = 1 } = this.#shape ?? {};
    const type = kind === 'pixels' ? 'uint8 pixels' : 'int8 numbers';
    return `${type} [${height}, ${width}, ${channels}]`;
  }
}

function shapeIfImage(input: TensorInfo, { layout }: PreprocessOptions): ImageShape | undefined {
  try {
    return imageShape(input, layout);
  } catch (error) {
    if (error instanceof RunError) return undefined;
    throw error;
  }
}
