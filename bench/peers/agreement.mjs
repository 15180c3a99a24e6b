/**
 * How far the outputs of two engines agree, over a list of inputs: the highest class, the cosine
 * about the mean, and the bytes where both have the same type.
 * @param {readonly { dtype: string, values: readonly number[] }[]} got
 * @param {readonly { dtype: string, values: readonly number[] }[]} expected
 */
export function compare(got, expected) {
  const pairs = got.map((output, i) => ({ output, other: expected[i] }));
  const count = (test) => pairs.filter(({ output, other }) => test(output, other)).length;
  const sameType = pairs.every(({ output, other }) => output.dtype === other.dtype);
  return {
    inputs: got.length,
    sameTop1: count((a, b) => top1(a.values) === top1(b.values)),
    cosine: Math.min(...pairs.map(({ output, other }) => cosine(output.values, other.values))),
    ...(sameType ? { sameBytes: count((a, b) => isEqual(a.values, b.values)) } : {}),
  };
}

function top1(values) {
  return values.indexOf(values.reduce((most, value) => Math.max(most, value), -Infinity));
}

function isEqual(a, b) {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

/** 1 where both are the same but for scale and offset; outputs that never vary agree as well. */
function cosine(a, b) {
  if (a.length !== b.length) return Number.NaN;
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [product, squareA, squareB] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    product += (value - meanA) * (b[i] - meanB);
    squareA += (value - meanA) ** 2;
    squareB += (b[i] - meanB) ** 2;
  }
  if (squareA === 0 || squareB === 0) return squareA === squareB ? 1 : 0;
  return product / Math.sqrt(squareA * squareB);
}
