import { bytesPerElement } from '../graph/tensor.ts';
import type {
  AffineF32Work,
  ArgMaxWork,
  CastWork,
  DequantizeWork,
  FillWork,
  MeanF32Work,
  MeanU8Work,
  QuantizeWork,
  SoftmaxF32Work,
  SoftmaxU8Work,
  TableWork,
  TernarySumsWork,
  UnaryF32Work,
} from '../graph/work.ts';
import { lineBytes } from './align.ts';
import { type Range, ranges, type Share, slice } from './share.ts';

type ElementWork = TableWork | UnaryF32Work | CastWork | FillWork;
type PerChannelWork = QuantizeWork | DequantizeWork;
type RowWork =
  | AffineF32Work
  | ArgMaxWork
  | MeanF32Work
  | MeanU8Work
  | SoftmaxF32Work
  | SoftmaxU8Work
  | TernarySumsWork;

/** Work on one contiguous run, by ranges of its elements or of its outermost axis. */
export function splitRun(work: ElementWork | PerChannelWork | RowWork, parts: number): Share[] {
  switch (work.family) {
    case 'table':
      return splitElements(work, parts, 1, 1);
    case 'unaryF32':
      return splitElements(work, parts, 4, 4);
    case 'cast':
      return splitElements(work, parts, bytesPerElement[work.from], bytesPerElement[work.to]);
    case 'fill':
      return splitElements(work, parts, 0, work.value.length);
    case 'quantize':
      return splitPerChannel(work, parts, 4, 1);
    case 'dequantize':
      return splitPerChannel(work, parts, work.type === 'u8' ? 1 : 4, 4);
    case 'affineF32':
    case 'softmaxF32':
    case 'softmaxU8':
      return splitRows(work, parts);
    case 'ternarySums':
      return splitSums(work, parts);
    case 'meanU8':
      return splitOuter(work, parts, work.count * work.inner, work.inner);
    case 'meanF32':
      return splitOuter(work, parts, 4 * work.count * work.inner, 4 * work.inner);
    case 'argMax': {
      const [from, to] = [work.type === 'u8' ? 1 : 4, work.outputType === 'i64' ? 8 : 4];
      return splitOuter(work, parts, from * work.length * work.inner, to * work.inner);
    }
  }
}

function shareOf(
  work: Share['work'],
  { first }: Range,
  inputBytes: number,
  outputBytes: number,
  packsAlike = true,
): Share {
  return {
    work,
    inputOffsets: [first * inputBytes],
    outputOffsets: [first * outputBytes],
    packsAlike,
  };
}

function splitElements(
  work: ElementWork,
  parts: number,
  inputBytes: number,
  outputBytes: number,
): Share[] {
  return ranges(work.count, parts, elementsOfALine(outputBytes)).map((range) =>
    shareOf({ ...work, count: range.count }, range, inputBytes, outputBytes),
  );
}

/** Parts meet where a cache line of the output ends: no two threads write to one. */
function elementsOfALine(bytes: number): number {
  return Math.max(1, Math.floor(lineBytes / bytes));
}

function splitPerChannel(
  work: PerChannelWork,
  parts: number,
  inputBytes: number,
  outputBytes: number,
): Share[] {
  const { outer, channels, inner } = work;
  if (work.scale.length === 1) {
    const unit = elementsOfALine(outputBytes);
    return ranges(outer * channels * inner, parts, unit).map((range) =>
      shareOf(
        { ...work, outer: 1, channels: 1, inner: range.count },
        range,
        inputBytes,
        outputBytes,
      ),
    );
  }
  if (outer > 1) {
    const row = channels * inner;
    return ranges(outer, parts).map((range) =>
      shareOf({ ...work, outer: range.count }, range, row * inputBytes, row * outputBytes),
    );
  }
  return ranges(channels, parts).map((range) => {
    const scale = slice(work.scale, range);
    const zeroPoint = slice(work.zeroPoint, range);
    const part = { ...work, channels: range.count, scale, zeroPoint };
    return shareOf(part, range, inner * inputBytes, inner * outputBytes, false);
  });
}

function splitRows(work: AffineF32Work | SoftmaxF32Work | SoftmaxU8Work, parts: number): Share[] {
  const bytes =
    work.family === 'affineF32'
      ? 4 * work.channels
      : work.family === 'softmaxF32'
        ? 4 * work.length
        : work.length;
  return ranges(work.rows, parts).map((range) =>
    shareOf({ ...work, rows: range.count }, range, bytes, bytes),
  );
}

function splitSums(work: TernarySumsWork, parts: number): Share[] {
  const { rows, channels, negativeScale, result } = work;
  const bytes = result.type === 'u8' ? channels : 4 * channels;
  const inputs = negativeScale === undefined ? 1 : 2;
  return ranges(rows, parts).map(({ first, count }) => ({
    work: { ...work, rows: count },
    inputOffsets: Array.from({ length: inputs }, () => 4 * channels * first),
    outputOffsets: [bytes * first],
    packsAlike: true,
  }));
}

function splitOuter(
  work: ArgMaxWork | MeanF32Work | MeanU8Work,
  parts: number,
  inputBytes: number,
  outputBytes: number,
): Share[] {
  return ranges(work.outer, parts).map((range) =>
    shareOf({ ...work, outer: range.count }, range, inputBytes, outputBytes),
  );
}
