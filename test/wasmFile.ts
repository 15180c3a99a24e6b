/** A wasm file taken apart as far as tests of its contents need. */
export interface WasmFile {
  /** Ids of the sections, in order. */
  readonly sections: readonly number[];
  /** Kind and name, as in 'memory env.memory'. */
  readonly imports: readonly string[];
  /** Kind and name, as in 'function table_u8'. */
  readonly exports: readonly string[];
  /** What is asked of the imported memory, in pages, and the byte that tells its kind. */
  readonly memory: Limits | undefined;
  /** The last table's size. */
  readonly table: Limits | undefined;
  /** Names of the instructions that reserve memory or call what is not known, where they occur. */
  readonly forbidden: readonly string[];
}

export interface Limits {
  readonly flags: number;
  readonly minimum: number;
  readonly maximum: number | undefined;
}

export const sectionIds = {
  imports: 2,
  tables: 4,
  memories: 5,
  exports: 7,
  start: 8,
  elements: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

const kinds = ['function', 'table', 'memory', 'global', 'tag'];

/** Instructions that a kernel has no use for. */
const forbiddenOpcodes: Readonly<Record<number, string>> = {
  17: 'call_indirect',
  18: 'return_call',
  19: 'return_call_indirect',
  63: 'memory.size',
  64: 'memory.grow',
  251: 'an instruction of the garbage collector',
};

class Cursor {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {}

  byte(): number {
    return this.bytes[this.at++]!;
  }

  /** LEB128; signed ones have the same length. */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  limits(): Limits {
    const flags = this.byte();
    const minimum = this.number();
    return { flags, minimum, maximum: flags % 2 === 1 ? this.number() : undefined };
  }

  numbers(count: number): void {
    for (let i = 0; i < count; i++) this.number();
  }

  text(): string {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
}

/** Reads the file by hand: an engine that lacks its instructions would not tell what is in it. */
export function takeApart(bytes: Uint8Array): WasmFile {
  const cursor = new Cursor(bytes, 8);
  const file = {
    sections: [] as number[],
    imports: [] as string[],
    exports: [] as string[],
    memory: undefined as Limits | undefined,
    table: undefined as Limits | undefined,
    forbidden: [] as string[],
  };
  while (cursor.at < bytes.length) {
    const id = cursor.byte();
    const size = cursor.number();
    const end = cursor.at + size;
    file.sections.push(id);
    if (id === sectionIds.imports) file.memory = readImports(cursor, file.imports);
    if (id === sectionIds.tables) file.table = readTables(cursor);
    if (id === sectionIds.exports) readExports(cursor, file.exports);
    if (id === sectionIds.code) readCode(cursor, file.forbidden);
    cursor.at = end;
  }
  return file;
}

function readImports(cursor: Cursor, imports: string[]): Limits | undefined {
  let memory: Limits | undefined;
  for (let left = cursor.number(); left > 0; left--) {
    const name = `${cursor.text()}.${cursor.text()}`;
    const kind = cursor.byte();
    imports.push(`${kinds[kind]} ${name}`);
    // A memory has limits. What else there may be is one import too many already.
    if (kind !== 2) return undefined;
    memory = cursor.limits();
  }
  return memory;
}

function readTables(cursor: Cursor): Limits | undefined {
  let table: Limits | undefined;
  for (let left = cursor.number(); left > 0; left--) {
    cursor.byte();
    table = cursor.limits();
  }
  return table;
}

function readExports(cursor: Cursor, exports: string[]): void {
  for (let left = cursor.number(); left > 0; left--) {
    const name = cursor.text();
    exports.push(`${kinds[cursor.byte()]} ${name}`);
    cursor.number();
  }
}

function readCode(cursor: Cursor, forbidden: string[]): void {
  for (let left = cursor.number(); left > 0; left--) {
    const size = cursor.number();
    const end = cursor.at + size;
    for (let groups = cursor.number(); groups > 0; groups--) cursor.numbers(2);
    while (cursor.at < end) {
      const opcode = cursor.byte();
      const name = forbiddenOpcodes[opcode];
      if (name !== undefined) forbidden.push(name);
      skipImmediates(opcode, cursor);
    }
    if (cursor.at !== end) throw new Error('an instruction that this reader does not know');
  }
}

/** @see https://webassembly.github.io/spec/core/appendix/index-instructions.html */
function skipImmediates(opcode: number, cursor: Cursor): void {
  if (opcode >= 0x02 && opcode <= 0x04) cursor.numbers(1);
  else if (opcode === 0x0c || opcode === 0x0d || opcode === 0x10) cursor.numbers(1);
  else if (opcode === 0x0e) cursor.numbers(cursor.number() + 1);
  else if (opcode === 0x11) cursor.numbers(2);
  else if (opcode === 0x1c) cursor.numbers(cursor.number());
  else if (opcode >= 0x20 && opcode <= 0x26) cursor.numbers(1);
  else if (opcode >= 0x28 && opcode <= 0x3e) cursor.numbers(2);
  else if (opcode >= 0x3f && opcode <= 0x42) cursor.numbers(1);
  else if (opcode === 0x43) cursor.at += 4;
  else if (opcode === 0x44) cursor.at += 8;
  else if (opcode === 0xfc) skipBulk(cursor.number(), cursor);
  else if (opcode === 0xfd) skipVector(cursor.number(), cursor);
  // Atomic instructions: all that are not fences name an alignment and an offset.
  else if (opcode === 0xfe) cursor.numbers(cursor.number() === 3 ? 1 : 2);
}

/** memory.copy and memory.fill name their memories; saturating conversions name nothing. */
function skipBulk(opcode: number, cursor: Cursor): void {
  if (opcode === 10) cursor.numbers(2);
  else if (opcode === 11) cursor.numbers(1);
}

function skipVector(opcode: number, cursor: Cursor): void {
  if (opcode <= 11 || opcode === 92 || opcode === 93) cursor.numbers(2);
  else if (opcode === 12 || opcode === 13) cursor.at += 16;
  else if (opcode >= 21 && opcode <= 34) cursor.at += 1;
  else if (opcode >= 84 && opcode <= 91) {
    cursor.numbers(2);
    cursor.at += 1;
  }
}
