import type { ConvF32Work, MatMulF32Work } from '../../src/graph/work.ts';

/** Sums in double precision, and how far float32 may be from each: k · 2^-24 · Σ|a · b|, and a bit. */
export interface Sums {
  readonly values: Float64Array;
  readonly bounds: Float64Array;
}

const half = 2 ** -24;

export function referenceConvF32(work: ConvF32Work, input: Float32Array): Sums {
  const { batch, outputHeight, outputWidth, outputChannels, groups } = work;
  const channelsIn = work.inputChannels / groups;
  const channelsOut = outputChannels / groups;
  const size = batch * outputHeight * outputWidth * outputChannels;
  const values = new Float64Array(size);
  const bounds = new Float64Array(size);
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let outputY = 0; outputY < outputHeight; outputY++) {
      for (let outputX = 0; outputX < outputWidth; outputX++) {
        for (let out = 0; out < outputChannels; out++) {
          const group = Math.floor(out / channelsOut);
          let sum = work.bias[out]!;
          let magnitude = Math.abs(sum);
          for (let ky = 0; ky < work.kernelHeight; ky++) {
            const y = outputY * work.strideY - work.padTop + ky * work.dilationY;
            if (y < 0 || y >= work.inputHeight) continue;
            for (let kx = 0; kx < work.kernelWidth; kx++) {
              const x = outputX * work.strideX - work.padLeft + kx * work.dilationX;
              if (x < 0 || x >= work.inputWidth) continue;
              const pixel = (image * work.inputHeight + y) * work.inputWidth + x;
              const tap = (out * work.kernelHeight + ky) * work.kernelWidth + kx;
              for (let c = 0; c < channelsIn; c++) {
                const product =
                  input[pixel * work.inputChannels + group * channelsIn + c]! *
                  work.weights[tap * channelsIn + c]!;
                sum += product;
                magnitude += Math.abs(product);
              }
            }
          }
          const terms = work.kernelHeight * work.kernelWidth * channelsIn + 2;
          values[at] = Math.min(work.max, Math.max(work.min, sum));
          bounds[at++] = terms * half * magnitude;
        }
      }
    }
  }
  return { values, bounds };
}

export function referenceMatMulF32(work: MatMulF32Work, a: Float32Array, b: Float32Array): Sums {
  const { m, n, k, shape } = work;
  const batches = shape.reduce((product, size) => product * size, 1);
  const values = new Float64Array(batches * m * n);
  const bounds = new Float64Array(batches * m * n);
  for (let batch = 0; batch < batches; batch++) {
    let aAt = 0;
    let bAt = 0;
    let rest = batch;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const index = rest % shape[axis]!;
      rest = (rest - index) / shape[axis]!;
      aAt += index * work.aStrides[axis]!;
      bAt += index * work.bStrides[axis]!;
    }
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        let sum = 0;
        let magnitude = 0;
        for (let i = 0; i < k; i++) {
          const product = a[aAt + row * k + i]! * b[bAt + i * n + column]!;
          sum += product;
          magnitude += Math.abs(product);
        }
        const at = (batch * m + row) * n + column;
        values[at] = sum;
        bounds[at] = (k + 1) * half * magnitude;
      }
    }
  }
  return { values, bounds };
}
