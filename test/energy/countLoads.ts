import { sectionIds, skipImmediates, WasmCursor } from '../../src/bench/wasmCursor.ts';

/** Where loads are counted: bytes from `begin` on. */
export interface Region {
  readonly begin: number;
  readonly bytes: number;
}

const types = 1;
const functions = 3;
const globals = 6;
const { code: codes, exports } = sectionIds;
const regionCount = 3;

/**
 * A wasm binary that counts the bytes which its load instructions read from three regions of its
 * memory. It exports the globals `begin0`, `bytes0` and `loaded0`, and so on; what is copied as a
 * block (memory.copy) is not a load.
 * @param wasm a file whose only import is its memory
 */
export function countLoads(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(wasm);
  const count = (id: number): number => new WasmCursor(sections.get(id)!, 0).number();
  const type = count(types);
  const note = count(functions);
  const global = sections.has(globals) ? count(globals) : 0;
  // [i32 address, i32 offset, i32 size] -> [i32 address]
  append(sections, types, 1, [0x60, 3, 0x7f, 0x7f, 0x7f, 1, 0x7f]);
  append(sections, functions, 1, leb(type));
  const number = [0x7f, 1, 0x41, 0, 0x0b];
  const double = [0x7c, 1, 0x44, ...new Array(8).fill(0), 0x0b];
  const own = Array.from({ length: regionCount }, () => [...number, ...number, ...double]);
  append(sections, globals, 3 * regionCount, own.flat());
  const names = Array.from({ length: regionCount }, (_, i) =>
    ['begin', 'bytes', 'loaded'].map((name) => `${name}${i}`),
  ).flat();
  append(
    sections,
    exports,
    names.length,
    names.flatMap((name, i) => [...text(name), 3, ...leb(global + i)]),
  );
  sections.set(codes, countingCode(sections.get(codes)!, note));
  append(sections, codes, 1, noteBody(global));
  const order = [...sections.keys()].sort((a, b) => places.indexOf(a) - places.indexOf(b));
  return Uint8Array.from([
    ...wasm.subarray(0, 8),
    ...order.flatMap((id) => [id, ...sized(sections.get(id)!)]),
  ]);
}

/** The counters of an instance of such a binary. */
export function loadsOf(exports: Readonly<Record<string, WebAssembly.Global>>) {
  const indices = Array.from({ length: regionCount }, (_, i) => i);
  return {
    /** Counts anew, in these regions. */
    begin: (regions: readonly Region[]): void => {
      for (const i of indices) {
        exports[`begin${i}`]!.value = regions[i]!.begin;
        exports[`bytes${i}`]!.value = regions[i]!.bytes;
        exports[`loaded${i}`]!.value = 0;
      }
    },
    counts: (): number[] => indices.map((i) => exports[`loaded${i}`]!.value),
  };
}

/** The order that the specification asks for; 12 counts data and stands before code. */
const places = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

function sectionsOf(wasm: Uint8Array): Map<number, Uint8Array> {
  const cursor = new WasmCursor(wasm, 8);
  const sections = new Map<number, Uint8Array>();
  while (cursor.at < wasm.length) {
    const id = cursor.byte();
    const size = cursor.number();
    // Names and other notes are of no use here.
    if (id !== 0) sections.set(id, wasm.subarray(cursor.at, cursor.at + size));
    cursor.at += size;
  }
  return sections;
}

/** More entries at the end of a section. */
function append(sections: Map<number, Uint8Array>, id: number, more: number, bytes: number[]) {
  const cursor = new WasmCursor(sections.get(id) ?? Uint8Array.of(0), 0);
  const all = [...leb(cursor.number() + more), ...cursor.bytes.subarray(cursor.at), ...bytes];
  sections.set(id, Uint8Array.from(all));
}

function countingCode(section: Uint8Array, note: number): Uint8Array {
  const cursor = new WasmCursor(section, 0);
  const count = cursor.number();
  const bytes = leb(count);
  for (let i = 0; i < count; i++) {
    const size = cursor.number();
    bytes.push(...sized(countingFunction(cursor, cursor.at + size, note)));
  }
  return Uint8Array.from(bytes);
}

function countingFunction(cursor: WasmCursor, end: number, note: number): number[] {
  const start = cursor.at;
  for (let groups = cursor.number(); groups > 0; groups--) cursor.numbers(2);
  const out = [...cursor.bytes.subarray(start, cursor.at)];
  while (cursor.at < end) {
    const from = cursor.at;
    const opcode = cursor.byte();
    const behind = cursor.at;
    const size = loadSize(opcode, opcode === 0xfd ? cursor.number() : 0);
    if (size > 0) {
      cursor.number();
      out.push(0x41, ...signed(cursor.number()), 0x41, ...signed(size), 0x10, ...leb(note));
    }
    cursor.at = behind;
    skipImmediates(opcode, cursor);
    out.push(...cursor.bytes.subarray(from, cursor.at));
  }
  return out;
}

/** Bytes that an instruction loads. */
function loadSize(opcode: number, vector: number): number {
  if (opcode >= 0x28 && opcode <= 0x35)
    return [4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4][opcode - 0x28]!;
  if (opcode !== 0xfd) return 0;
  if (vector >= 84 && vector <= 87) throw new Error('a lane is loaded: not known here');
  if (vector <= 10) return [16, 8, 8, 8, 8, 8, 8, 1, 2, 4, 8][vector]!;
  return { 92: 4, 93: 8 }[vector] ?? 0;
}

/** Adds `size` to the counter of the region in which address + offset lies. */
function noteBody(global: number): number[] {
  const get = (i: number): number[] => [0x23, ...leb(global + i)];
  const body = [0];
  for (let region = 0; region < regionCount; region++) {
    const [begin, bytes, loaded] = [3 * region, 3 * region + 1, 3 * region + 2];
    body.push(
      ...[0x20, 0, 0x20, 1, 0x6a, ...get(begin), 0x6b, ...get(bytes), 0x49, 0x04, 0x40],
      ...[...get(loaded), 0x20, 2, 0xb8, 0xa0, 0x24, ...leb(global + loaded), 0x0b],
    );
  }
  return sized([...body, 0x20, 0, 0x0b]);
}

function sized(bytes: ArrayLike<number>): number[] {
  return [...leb(bytes.length), ...Array.from(bytes)];
}

function text(name: string): number[] {
  return sized(new TextEncoder().encode(name));
}

/** LEB128. */
function leb(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [low] : [low + 128, ...leb(Math.floor(value / 128))];
}

/** Of a signed number; addresses are not negative. */
function signed(value: number): number[] {
  const low = value % 128;
  return value < 64 ? [low] : [low + 128, ...signed(Math.floor(value / 128))];
}
