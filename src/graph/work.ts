import type { Rounding } from './graph.ts';
import type { BinaryOp, UnaryOp } from './node.ts';
import type { DType } from './tensor.ts';

/**
 * What one step has to do, in the kernels' terms. Operators lower to these; which kernel does the
 * work is the plan's choice. Every 8-bit map is uint8 here (`passes/unsignedMaps.ts`): int8 numbers
 * of a file stand 128 higher, zero points too. Operands travel beside the work, as addresses.
 */
export type Work =
  | ConvU8Work
  | TernaryU8Work
  | TernarySumsWork
  | ConvF32Work
  | MatMulF32Work
  | BinaryU8Work
  | BinaryF32Work
  | AffineF32Work
  | UnaryF32Work
  | TableWork
  | PoolWork
  | MeanU8Work
  | MeanF32Work
  | SoftmaxU8Work
  | SoftmaxF32Work
  | ArgMaxWork
  | ResizeLinearWork
  | ResizeNearestWork
  | QuantizeWork
  | DequantizeWork
  | DynamicQuantizeWork
  | CastWork
  | CopyWork
  | FillWork;

export type Family = Work['family'];

/** The parameters of an 8-bit operand, its zero point as it is stored (0 to 255). */
export interface QuantizedOperand {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** An 8-bit result: its parameters, and the bounds it is clamped to, as stored. */
export interface QuantizedResult extends QuantizedOperand {
  readonly min: number;
  readonly max: number;
}

/** Geometry of a convolution or a window; output cells may lie wholly in the padding. */
export interface WindowShape {
  readonly batch: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputChannels: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly outputChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly dilationY: number;
  readonly dilationX: number;
  readonly padTop: number;
  readonly padLeft: number;
}

export interface ConvShape extends WindowShape {
  readonly groups: number;
}

/**
 * acc[pixel][out] = bias + Σ (input − inputZeroPoint)(weights − weightZeroPoint), int32.
 * A fully connected layer is a 1x1 convolution of a map 1 high and m wide.
 * Inputs: the map u8 [batch][h][w][in], then, where `inputZeroPoint` is 'operand', one u8 that holds it.
 */
export interface ConvU8Work extends ConvShape {
  readonly family: 'convU8';
  /** [out][ky][kx][in / groups] */
  readonly weights: Int8Array | Uint8Array;
  /** One, or one per output channel. */
  readonly weightZeroPoint: Int32Array;
  readonly inputZeroPoint: number | 'operand';
  readonly bias: Int32Array;
  /**
   * Present where `weights` are at most {-minus, 0, plus} in each output channel, zero point 0:
   * acc = bias + plus · P - minus · N, where P and N are the sums of input - inputZeroPoint over the
   * positive and the negative weights. Both are 1 or more, per output channel.
   */
  readonly ternary?: { readonly plus: Uint8Array; readonly minus: Uint8Array };
  readonly result: ConvResult;
}

/** What becomes of the accumulators; `scale` and `bias` have one element per output channel. */
export type ConvResult =
  | {
      /** clamp(roundHalfToEven(f32(f32(acc) * scale)) + zeroPoint, min, max) */
      readonly type: 'u8';
      readonly scale: Float32Array;
      readonly zeroPoint: number;
      readonly min: number;
      readonly max: number;
    }
  | { readonly type: 'i32' }
  | {
      /** clamp(f32(f32(f32(acc) * scale) + bias), min, max) */
      readonly type: 'f32';
      readonly scale: Float32Array;
      readonly bias: Float32Array;
      readonly min: number;
      readonly max: number;
    };

/**
 * A ternary layer whose weights stand for real numbers, in one piece: TernarySumsWork of the sums of
 * input - inputZeroPoint over the positive and over the negative weights. One group, to u8; before it
 * is rounded the result stays within 2^22.
 * Inputs: the map u8 [batch][h][w][in].
 */
export interface TernaryU8Work extends ConvShape {
  readonly family: 'ternaryU8';
  /** -1, 0 or 1: [out][ky][kx][in] */
  readonly weights: Int8Array;
  readonly inputZeroPoint: number;
  readonly scale: Float32Array;
  readonly negativeScale?: Float32Array;
  readonly bias: Float32Array;
  readonly result: {
    readonly zeroPoint: number;
    readonly min: number;
    readonly max: number;
  };
}

/**
 * The result of a ternary layer whose weights stand for real numbers, from int32 sums:
 * real = f32(f32(f32(f32(positive) * scale) - f32(f32(negative) * negativeScale)) + bias).
 * Inputs: the sums over the positive and over the negative weights [rows][channels]; only one, their
 * difference, where `negativeScale` is absent, and then real = f32(f32(f32(sum) * scale) + bias).
 */
export interface TernarySumsWork {
  readonly family: 'ternarySums';
  readonly rows: number;
  readonly channels: number;
  /** Per channel, as `negativeScale` and `bias`: in units of the output's scale where that is u8. */
  readonly scale: Float32Array;
  readonly negativeScale?: Float32Array;
  readonly bias: Float32Array;
  readonly result:
    | {
        /** clamp(roundHalfToEven(real) + zeroPoint, min, max) */
        readonly type: 'u8';
        readonly zeroPoint: number;
        readonly min: number;
        readonly max: number;
      }
    /** clamp(real, min, max) */
    | { readonly type: 'f32'; readonly min: number; readonly max: number };
}

/** The same as convU8 in float32, clamped to min and max (±Infinity where there is no bound). */
export interface ConvF32Work extends ConvShape {
  readonly family: 'convF32';
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly min: number;
  readonly max: number;
}

/** Batches of a [m][k] times b [k][n]; strides in elements, over the batch axes of `shape`. */
export interface MatMulF32Work {
  readonly family: 'matMulF32';
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly shape: readonly number[];
  readonly aStrides: readonly number[];
  readonly bStrides: readonly number[];
}

/** Both operands seen in the output's shape: strides in elements, 0 where broadcast. */
export interface Broadcast {
  readonly shape: readonly number[];
  readonly aStrides: readonly number[];
  readonly bStrides: readonly number[];
}

/** Sum or product of real numbers, by the rule of the file's format (docs/quantization.md). */
export interface BinaryU8Work extends Broadcast {
  readonly family: 'binaryU8';
  readonly op: 'Add' | 'Mul';
  readonly rounding: Rounding;
  /** The file's numbers are int8: onnxruntime's sum rounds differently for them. */
  readonly signed: boolean;
  readonly a: QuantizedOperand;
  readonly b: QuantizedOperand;
  readonly result: QuantizedResult;
}

/** PRelu: a where a >= 0, else a * b. The result is clamped to min and max. */
export interface BinaryF32Work extends Broadcast {
  readonly family: 'binaryF32';
  readonly op: BinaryOp | 'PRelu';
  readonly min: number;
  readonly max: number;
}

/** output[row][c] = input[row][c] * scale[c] + bias[c] */
export interface AffineF32Work {
  readonly family: 'affineF32';
  readonly rows: number;
  readonly channels: number;
  readonly scale: Float32Array;
  readonly bias: Float32Array;
}

export interface UnaryF32Work {
  readonly family: 'unaryF32';
  readonly op: UnaryOp;
  readonly alpha: number;
  readonly beta: number;
  readonly count: number;
}

/** output = table[input], 256 entries. */
export interface TableWork {
  readonly family: 'table';
  readonly table: Uint8Array;
  readonly count: number;
}

/**
 * Windows over an NHWC map; outputChannels = inputChannels. Cells outside the input do not count,
 * but with `countIncludePad` those in the padding do, as zeros: average only.
 * u8 averages have one scale and zero point on both sides. XNNPACK: mean of the raw numbers (int8
 * ones where `signed`), halves away from zero; onnxruntime: in float, see docs/quantization.md.
 */
export interface PoolWork extends WindowShape {
  readonly family: 'pool';
  readonly op: 'max' | 'average';
  readonly type: 'u8' | 'f32';
  readonly padBottom: number;
  readonly padRight: number;
  readonly countIncludePad: boolean;
  readonly rounding: Rounding;
  readonly signed: boolean;
  /** Of u8 maps; scale 1 and zero point 0 in float. */
  readonly input: QuantizedOperand;
  readonly result: QuantizedResult;
}

/** Mean over the middle axis of [outer][count][inner]: roundHalfToEven(f32(f32(acc) * scale)) + zeroPoint. */
export interface MeanU8Work {
  readonly family: 'meanU8';
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
  readonly inputZeroPoint: number;
  /** inputScale / (outputScale * count), each step rounded to float32. */
  readonly scale: number;
  readonly zeroPoint: number;
  readonly min: number;
  readonly max: number;
}

export interface MeanF32Work {
  readonly family: 'meanF32';
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/** Over the rows of [rows][length]. */
export interface SoftmaxU8Work {
  readonly family: 'softmaxU8';
  readonly rows: number;
  readonly length: number;
  /** Input scale times beta. */
  readonly inputScale: number;
  readonly rounding: Rounding;
  readonly signed: boolean;
  readonly result: QuantizedOperand;
}

export interface SoftmaxF32Work {
  readonly family: 'softmaxF32';
  readonly rows: number;
  readonly length: number;
  readonly beta: number;
  readonly log: boolean;
}

/** Index of the maximum over the middle axis of [outer][length][inner]. */
export interface ArgMaxWork {
  readonly family: 'argMax';
  readonly type: 'u8' | 'f32' | 'i32';
  readonly outputType: 'i32' | 'i64';
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  readonly selectLast: boolean;
}

/**
 * Bilinear over the height and width of an NHWC map. Along each axis: the two source indices and
 * the weight of the second. u8: in integers, weights in 1/2048 (docs/quantization.md, Resize).
 */
export interface ResizeLinearWork {
  readonly family: 'resizeLinear';
  readonly type: 'u8' | 'f32';
  readonly batch: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly channels: number;
  readonly y: AxisBlend;
  readonly x: AxisBlend;
}

export interface AxisBlend {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly fraction: Float32Array;
}

/** Copies whole pixels of `pixelBytes` from the source row and column given for each output one. */
export interface ResizeNearestWork {
  readonly family: 'resizeNearest';
  readonly pixelBytes: number;
  readonly batch: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly y: Int32Array;
  readonly x: Int32Array;
}

/**
 * f32 [outer][channels][inner] to 8 bits, one parameter pair or one per channel:
 * clamp(roundHalfToEven(x / scale) + zeroPoint), or x * f32(1 / scale) where `reciprocal`; NaN
 * becomes the zero point.
 */
export interface QuantizeWork {
  readonly family: 'quantize';
  readonly reciprocal: boolean;
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
  readonly scale: Float32Array;
  /** As stored, 0 to 255. */
  readonly zeroPoint: Int32Array;
}

/** f32(q − zeroPoint) * scale */
export interface DequantizeWork {
  readonly family: 'dequantize';
  readonly type: 'u8' | 'i32';
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
  readonly scale: Float32Array;
  readonly zeroPoint: Int32Array;
}

/** Outputs: u8 [count], the scale f32, the zero point u8 (ONNX DynamicQuantizeLinear). */
export interface DynamicQuantizeWork {
  readonly family: 'dynamicQuantize';
  readonly count: number;
}

/** As ONNX Cast: float to integer truncates towards zero, any number to bool asks for non-zero. */
export interface CastWork {
  readonly family: 'cast';
  readonly from: DType;
  readonly to: DType;
  readonly count: number;
}

/** A strided copy; input strides may be 0 or negative. Strides and offsets in elements. */
export interface CopyWork {
  readonly family: 'copy';
  readonly elementBytes: 1 | 2 | 4 | 8;
  readonly shape: readonly number[];
  readonly inputStrides: readonly number[];
  readonly inputOffset: number;
  readonly outputStrides: readonly number[];
  readonly outputOffset: number;
}

/** Sets `count` elements of the output to the little-endian bytes of `value`. */
export interface FillWork {
  readonly family: 'fill';
  readonly value: Uint8Array;
  readonly count: number;
}
