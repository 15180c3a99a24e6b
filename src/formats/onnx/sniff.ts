/** Fields of a ModelProto with their wire types: 0 a number, 2 bytes. */
const modelFields: Readonly<Record<number, number>> = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
  26: 2,
};

/** ONNX has no magic number: true when the bytes begin as a ModelProto does, field by field. */
export function sniffOnnx(bytes: Uint8Array): boolean {
  let at = 0;
  let fields = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return Number.NaN;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  // The first fields decide: they are small, and the graph that follows is nearly all of the file.
  while (at < bytes.length && fields < 4) {
    const tag = varint();
    if (modelFields[Math.floor(tag / 8)] !== tag % 8) return false;
    const value = varint();
    if (Number.isNaN(value)) return false;
    if (tag % 8 === 2) at += value;
    fields++;
  }
  return fields > 0;
}
