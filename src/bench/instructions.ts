import { sectionIds, skipImmediates, WasmCursor } from './wasmCursor.ts';

/** The instructions by which kernels multiply, or add instead; each has a ceiling of its own. */
export type Path =
  | 'relaxedQuads'
  | 'relaxedPairs'
  | 'relaxedTwoPairs'
  | 'relaxedMaskedPairs'
  | 'relaxedPairsI16'
  | 'dotI16'
  | 'addI16'
  | 'f32';

const vectorPrefix = 0xfd;
/** Vector instructions by their number behind the prefix. */
const addI16 = 142;
const dotI16 = 186;
const mulF32 = 230;
const relaxedPairs = 274;
const relaxedQuads = 275;

/**
 * By which instructions each exported function multiplies, read from the code of the binary: the
 * functions that it calls count too.
 */
export function pathsOf(wasm: Uint8Array): ReadonlyMap<string, Path> {
  const { exports, functions } = readCode(wasm);
  const paths = new Map<string, Path>();
  for (const [name, index] of exports) {
    const seen = new Set([index]);
    // A set hands out what is added while it is walked.
    for (const at of seen) for (const callee of functions[at]?.calls ?? []) seen.add(callee);
    const path = pathOf([...seen].flatMap((at) => functions[at] ?? []));
    if (path !== undefined) paths.set(name, path);
  }
  return paths;
}

function pathOf(codes: readonly Code[]): Path | undefined {
  const has = (...opcodes: number[]): boolean =>
    codes.some(({ vectors }) => opcodes.every((opcode) => vectors.has(opcode)));
  if (has(relaxedQuads)) return 'relaxedQuads';
  if (has(relaxedPairs)) {
    if (!has(dotI16)) return 'relaxedPairsI16';
    // Sums of 16 bits are added before they are widened.
    return has(relaxedPairs, addI16) ? 'relaxedTwoPairs' : 'relaxedPairs';
  }
  if (has(dotI16)) return 'dotI16';
  // Sums of 16 bits, of which no product is one: the real numbers come after.
  if (has(addI16)) return 'addI16';
  return has(mulF32) ? 'f32' : undefined;
}

interface Code {
  readonly vectors: ReadonlySet<number>;
  readonly calls: ReadonlySet<number>;
}

/** Of a file whose only import is the memory: functions are counted from the first of its own. */
function readCode(wasm: Uint8Array) {
  const cursor = new WasmCursor(wasm, 8);
  const exports: [name: string, index: number][] = [];
  const functions: Code[] = [];
  while (cursor.at < wasm.length) {
    const id = cursor.byte();
    const size = cursor.number();
    const end = cursor.at + size;
    if (id === sectionIds.exports) {
      for (let left = cursor.number(); left > 0; left--) {
        const name = cursor.text();
        const isFunction = cursor.byte() === 0;
        const index = cursor.number();
        if (isFunction) exports.push([name, index]);
      }
    } else if (id === sectionIds.code) {
      for (let left = cursor.number(); left > 0; left--) functions.push(readFunction(cursor));
    }
    cursor.at = end;
  }
  return { exports, functions };
}

function readFunction(cursor: WasmCursor): Code {
  const size = cursor.number();
  const end = cursor.at + size;
  const vectors = new Set<number>();
  const calls = new Set<number>();
  for (let groups = cursor.number(); groups > 0; groups--) cursor.numbers(2);
  while (cursor.at < end) {
    const opcode = cursor.byte();
    const start = cursor.at;
    if (opcode === vectorPrefix) vectors.add(cursor.number());
    if (opcode === 0x10) calls.add(cursor.number());
    cursor.at = start;
    skipImmediates(opcode, cursor);
  }
  return { vectors, calls };
}
