import type {
  AffineF32Work,
  BinaryF32Work,
  MeanF32Work,
  PoolWork,
  SoftmaxF32Work,
  UnaryF32Work,
} from '../../src/graph/work.ts';

/** Each function in double precision; the results are not rounded to float32. */
export function referenceUnary({ op, alpha, beta }: UnaryF32Work, x: number): number {
  const clamp = (value: number, min: number, max: number) => Math.min(max, Math.max(min, value));
  switch (op) {
    case 'Relu':
      return Math.max(0, x);
    case 'Clip':
      return clamp(x, Math.fround(alpha), Math.fround(beta));
    case 'LeakyRelu':
      return x < 0 ? Math.fround(alpha) * x : x;
    case 'HardSigmoid':
      return clamp(Math.fround(alpha) * x + Math.fround(beta), 0, 1);
    case 'HardSwish':
      return x * (clamp(x + 3, 0, 6) / 6);
    case 'Sigmoid':
      return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
    case 'Tanh':
      return Math.tanh(x);
  }
}

export function referenceSoftmax(work: SoftmaxF32Work, input: Float32Array): Float64Array {
  const { rows, length, beta, log } = work;
  const output = new Float64Array(rows * length);
  for (let row = 0; row < rows; row++) {
    const x = Array.from(input.subarray(row * length, (row + 1) * length));
    const max = Math.max(...x);
    const powers = x.map((v) => Math.exp(Math.fround(beta) * (v - max)));
    const sum = powers.reduce((a, b) => a + b, 0);
    x.forEach((v, i) => {
      const value = log ? Math.fround(beta) * (v - max) - Math.log(sum) : powers[i]! / sum;
      output[row * length + i] = value;
    });
  }
  return output;
}

/** Rounded to float32 after each operation: equal to the bit. */
export function referenceAffine(work: AffineF32Work, input: Float32Array): Float32Array {
  return input.map((x, i) => {
    const c = i % work.channels;
    return Math.fround(x * work.scale[c]!) + work.bias[c]!;
  });
}

/** Rounded to float32 after each operation: equal to the bit. */
export function referenceBinary(
  work: BinaryF32Work,
  a: Float32Array,
  b: Float32Array,
): Float32Array {
  const { shape, aStrides, bStrides, op, min, max } = work;
  const output: number[] = [];
  const visit = (axis: number, aAt: number, bAt: number): void => {
    if (axis === shape.length) {
      const value = Math.fround(apply(op, a[aAt]!, b[bAt]!));
      output.push(Math.min(Math.fround(max), Math.max(Math.fround(min), value)));
      return;
    }
    for (let i = 0; i < shape[axis]!; i++) {
      visit(axis + 1, aAt + i * aStrides[axis]!, bAt + i * bStrides[axis]!);
    }
  };
  visit(0, 0, 0);
  return Float32Array.from(output);
}

function apply(op: BinaryF32Work['op'], a: number, b: number): number {
  switch (op) {
    case 'Add':
      return a + b;
    case 'Sub':
      return a - b;
    case 'Mul':
      return a * b;
    case 'Div':
      return a / b;
    case 'PRelu':
      return a >= 0 ? a : a * b;
  }
}

export function referencePoolF32(work: PoolWork, input: Float32Array): Float64Array {
  const { batch, outputHeight, outputWidth, inputHeight, inputWidth, inputChannels } = work;
  const output = new Float64Array(batch * outputHeight * outputWidth * inputChannels);
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let outputY = 0; outputY < outputHeight; outputY++) {
      for (let outputX = 0; outputX < outputWidth; outputX++) {
        for (let c = 0; c < inputChannels; c++) {
          let sum = 0;
          let max = Number.NEGATIVE_INFINITY;
          let count = 0;
          for (let ky = 0; ky < work.kernelHeight; ky++) {
            for (let kx = 0; kx < work.kernelWidth; kx++) {
              const y = outputY * work.strideY - work.padTop + ky * work.dilationY;
              const x = outputX * work.strideX - work.padLeft + kx * work.dilationX;
              if (y >= 0 && y < inputHeight && x >= 0 && x < inputWidth) {
                const value =
                  input[((image * inputHeight + y) * inputWidth + x) * inputChannels + c]!;
                sum += value;
                max = Math.max(max, value);
                count++;
              } else if (
                work.countIncludePad &&
                y < inputHeight + work.padBottom &&
                x < inputWidth + work.padRight
              ) {
                count++;
              }
            }
          }
          const value = work.op === 'max' ? max : count === 0 ? 0 : sum / count;
          output[at++] = Math.min(work.result.max, Math.max(work.result.min, value));
        }
      }
    }
  }
  return output;
}

export function referenceMean(work: MeanF32Work, input: Float32Array): Float32Array {
  const { outer, count, inner } = work;
  const output = new Float32Array(outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      for (let c = 0; c < count; c++) sum += input[(o * count + c) * inner + i]!;
      output[o * inner + i] = sum / count;
    }
  }
  return output;
}
