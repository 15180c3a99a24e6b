import { sectionIds, skipImmediates, WasmCursor } from '../src/bench/wasmCursor.ts';

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

/** Reads the file by hand: an engine that lacks its instructions would not tell what is in it. */
export function takeApart(bytes: Uint8Array): WasmFile {
  const cursor = new WasmCursor(bytes, 8);
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

function readImports(cursor: WasmCursor, imports: string[]): Limits | undefined {
  let memory: Limits | undefined;
  for (let left = cursor.number(); left > 0; left--) {
    const name = `${cursor.text()}.${cursor.text()}`;
    const kind = cursor.byte();
    imports.push(`${kinds[kind]} ${name}`);
    // A memory has limits. What else there may be is one import too many already.
    if (kind !== 2) return undefined;
    memory = readLimits(cursor);
  }
  return memory;
}

function readLimits(cursor: WasmCursor): Limits {
  const flags = cursor.byte();
  const minimum = cursor.number();
  return { flags, minimum, maximum: flags % 2 === 1 ? cursor.number() : undefined };
}

function readTables(cursor: WasmCursor): Limits | undefined {
  let table: Limits | undefined;
  for (let left = cursor.number(); left > 0; left--) {
    cursor.byte();
    table = readLimits(cursor);
  }
  return table;
}

function readExports(cursor: WasmCursor, exports: string[]): void {
  for (let left = cursor.number(); left > 0; left--) {
    const name = cursor.text();
    exports.push(`${kinds[cursor.byte()]} ${name}`);
    cursor.number();
  }
}

function readCode(cursor: WasmCursor, forbidden: string[]): void {
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
