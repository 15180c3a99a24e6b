import { type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { fail } from './fault.ts';

const mostMessages = 1 << 19;
const mostWideNumbers = 1 << 22;

/** What decoding would make of the bytes: two of them may become an object of hundreds. */
interface Tally {
  messages: number;
  /** Numbers of 64 bits in lists, each a bigint. */
  wide: number;
}

/**
 * Counts the messages and wide numbers of a protobuf before anything is made of them.
 * @throws ModelError beyond the limits, and whatever the reader throws on bytes that are none
 */
export function survey(schema: DescMessage, bytes: Uint8Array): void {
  count(schema, new BinaryReader(bytes), bytes.length, { messages: 0, wide: 0 });
}

/** The schema does not nest in itself, so neither does this. */
function count(schema: DescMessage, reader: BinaryReader, end: number, tally: Tally): void {
  check('messages', ++tally.messages, mostMessages);
  const fields = new Map(schema.fields.map((field) => [field.number, field]));
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = fields.get(number);
    if (field === undefined || wireType !== WireType.LengthDelimited) {
      tally.wide += wireType === WireType.Varint ? 1 : 0;
      check('numbers', tally.wide, mostWideNumbers);
      reader.skip(wireType, number);
      continue;
    }
    if (field.message !== undefined) {
      const length = reader.uint32();
      count(field.message, reader, reader.pos + length, tally);
      continue;
    }
    const start = reader.pos;
    reader.skip(wireType, number);
    if (field.scalar !== ScalarType.INT64 && field.scalar !== ScalarType.UINT64) continue;
    tally.wide += reader.pos - start;
    check('numbers', tally.wide, mostWideNumbers);
  }
}

function check(what: string, got: number, limit: number): void {
  if (got <= limit) return;
  fail(
    'the model',
    `more than ${limit} ${what}`,
    `at most ${limit}`,
    'store tensors as raw data (onnx.numpy_helper.from_array), or open an issue',
  );
}
