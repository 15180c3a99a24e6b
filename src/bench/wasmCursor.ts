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

/** Reads a wasm file byte by byte. */
export class WasmCursor {
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

  numbers(count: number): void {
    for (let i = 0; i < count; i++) this.number();
  }

  text(): string {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
}

/**
 * Passes over what stands behind an instruction.
 * @see https://webassembly.github.io/spec/core/appendix/index-instructions.html
 */
export function skipImmediates(opcode: number, cursor: WasmCursor): void {
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
function skipBulk(opcode: number, cursor: WasmCursor): void {
  if (opcode === 10) cursor.numbers(2);
  else if (opcode === 11) cursor.numbers(1);
}

function skipVector(opcode: number, cursor: WasmCursor): void {
  if (opcode <= 11 || opcode === 92 || opcode === 93) cursor.numbers(2);
  else if (opcode === 12 || opcode === 13) cursor.at += 16;
  else if (opcode >= 21 && opcode <= 34) cursor.at += 1;
  else if (opcode >= 84 && opcode <= 91) {
    cursor.numbers(2);
    cursor.at += 1;
  }
}
