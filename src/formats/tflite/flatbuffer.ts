import { ByteBuffer } from 'flatbuffers';
import { ModelError } from '../../errors.ts';

const utf8 = new TextDecoder();

const advice = 'the file is broken or cut off; fetch it or export it again';

/**
 * A flatbuffer whose every offset and length is checked before it is followed: `ByteBuffer` itself
 * reads beyond its end without a word. Readers ask for fields by their slot in the schema, so the
 * depth is the schema's and offsets cannot lead in circles.
 */
export class FlatFile {
  readonly #buffer: ByteBuffer;
  // Vectors may overlap, so a small file can ask for the same bytes a million times.
  #bytesToRead: number;

  constructor(
    readonly bytes: Uint8Array,
    readonly name: string,
  ) {
    this.#buffer = new ByteBuffer(bytes);
    this.#bytesToRead = 16 * bytes.length + (1 << 16);
  }

  root(): Table {
    this.check(0, 4, this.name);
    return new Table(this, this.uint32(0), this.name);
  }

  check(position: number, length: number, where: string): void {
    if (position >= 0 && position + length <= this.bytes.length) return;
    this.refuse(where, `an offset to bytes ${position} to ${position + length}`);
  }

  /** Checks a vector that is going to be read element by element. */
  checkVector(position: number, length: number, where: string): void {
    this.check(position, length, where);
    this.#bytesToRead -= length;
    if (this.#bytesToRead < 0) this.refuse(where, 'vectors that overlap many times over');
  }

  refuse(where: string, got: string): never {
    throw new ModelError({
      where,
      got,
      expected: `a sound flatbuffer of ${this.bytes.length} bytes`,
      advice,
    });
  }

  int8(position: number): number {
    return this.#buffer.readInt8(position);
  }
  uint16(position: number): number {
    return this.#buffer.readUint16(position);
  }
  int32(position: number): number {
    return this.#buffer.readInt32(position);
  }
  uint32(position: number): number {
    return this.#buffer.readUint32(position);
  }
  uint64(position: number): number {
    return Number(this.#buffer.readUint64(position));
  }
  float32(position: number): number {
    return this.#buffer.readFloat32(position);
  }
}

/** One table of a flatbuffer; a field that the file leaves out has the schema's default. */
export class Table {
  readonly #file: FlatFile;
  readonly #position: number;
  readonly #bytes: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;

  constructor(
    file: FlatFile,
    position: number,
    readonly where: string,
  ) {
    file.check(position, 4, where);
    const vtable = position - file.int32(position);
    file.check(vtable, 4, where);
    this.#file = file;
    this.#position = position;
    this.#vtable = vtable;
    this.#vtableBytes = file.uint16(vtable);
    this.#bytes = file.uint16(vtable + 2);
    file.check(vtable, this.#vtableBytes, where);
    file.check(position, this.#bytes, where);
  }

  int8(slot: number, absent = 0): number {
    const position = this.#field(slot, 1);
    return position === undefined ? absent : this.#file.int8(position);
  }

  bool(slot: number): boolean {
    return this.int8(slot) !== 0;
  }

  int32(slot: number, absent = 0): number {
    const position = this.#field(slot, 4);
    return position === undefined ? absent : this.#file.int32(position);
  }

  uint32(slot: number, absent = 0): number {
    const position = this.#field(slot, 4);
    return position === undefined ? absent : this.#file.uint32(position);
  }

  uint64(slot: number): number {
    const position = this.#field(slot, 8);
    return position === undefined ? 0 : this.#file.uint64(position);
  }

  float32(slot: number): number {
    const position = this.#field(slot, 4);
    return position === undefined ? 0 : this.#file.float32(position);
  }

  table(slot: number, name: string): Table | undefined {
    const position = this.#target(slot);
    if (position === undefined) return undefined;
    return new Table(this.#file, position, `${this.where} ${name}`);
  }

  /** `${name} ${index}` says where each of them is. */
  tables(slot: number, name: string, most: number): Table[] {
    const { start, length } = this.#vector(slot, 4);
    if (length > most) {
      throw new ModelError({
        where: this.where,
        got: `${length} of ${name}`,
        expected: `at most ${most}`,
        advice: 'the file is broken, or made to do harm',
      });
    }
    return Array.from({ length }, (_, i) => {
      const position = start + 4 * i;
      return new Table(this.#file, position + this.#file.uint32(position), `${name} ${i}`);
    });
  }

  has(slot: number): boolean {
    return this.#field(slot, 1) !== undefined;
  }

  int32s(slot: number): number[] {
    return [...new Int32Array(this.#copy(slot, 4))];
  }

  /** Beyond 2^53 the nearest that there is. */
  int64s(slot: number): Float64Array {
    const words = new Int32Array(this.#copy(slot, 8));
    const numbers = new Float64Array(words.length / 2);
    for (let i = 0, from = 0; from < words.length; i++, from += 2) {
      const low = words[from]!;
      const high = words[from + 1]!;
      // A zero point is seldom anything else, and there is one for each channel.
      if ((low | high) !== 0) numbers[i] = high * 2 ** 32 + (low >>> 0);
    }
    return numbers;
  }

  float32s(slot: number): Float32Array {
    return new Float32Array(this.#copy(slot, 4));
  }

  string(slot: number): string {
    const { start, length } = this.#vector(slot, 1);
    return utf8.decode(this.#file.bytes.subarray(start, start + length));
  }

  /** A view of a byte vector, which costs nothing however long it is. */
  bytes(slot: number): Uint8Array {
    const { start, length } = this.#vector(slot, 1, 'view');
    return this.#file.bytes.subarray(start, start + length);
  }

  /** A vector's bytes, which begin anywhere in the file. */
  #copy(slot: number, elementBytes: number): ArrayBuffer {
    const { start, length } = this.#vector(slot, elementBytes);
    return this.#file.bytes.slice(start, start + elementBytes * length).buffer;
  }

  #vector(slot: number, elementBytes: number, use: 'read' | 'view' = 'read') {
    const position = this.#target(slot);
    if (position === undefined) return { start: 0, length: 0 };
    this.#file.check(position, 4, this.where);
    const length = this.#file.uint32(position);
    const start = position + 4;
    if (use === 'view') this.#file.check(start, length * elementBytes, this.where);
    else this.#file.checkVector(start, length * elementBytes, this.where);
    return { start, length };
  }

  #target(slot: number): number | undefined {
    const position = this.#field(slot, 4);
    return position === undefined ? undefined : position + this.#file.uint32(position);
  }

  #field(slot: number, bytes: number): number | undefined {
    const entry = 4 + 2 * slot;
    if (entry + 2 > this.#vtableBytes) return undefined;
    const offset = this.#file.uint16(this.#vtable + entry);
    if (offset === 0) return undefined;
    if (offset < 4 || offset + bytes > this.#bytes) {
      this.#file.refuse(this.where, `field ${slot} beyond the end of its table`);
    }
    return this.#position + offset;
  }
}
