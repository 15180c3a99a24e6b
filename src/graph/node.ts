import type { Tensor } from './tensor.ts';

/**
 * The operators of the graph. Maps are NHWC, convolution weights [out][ky][kx][in / groups];
 * an operator on 8-bit tensors with a quantization means the real numbers these stand for.
 * Which number type an operator computes in follows from the dtypes of its operands.
 */
export type Node =
  | Conv
  | ConvTranspose
  | ConvInteger
  | FullyConnected
  | MatMul
  | MatMulInteger
  | Binary
  | PRelu
  | Unary
  | Softmax
  | BatchNorm
  | Pool
  | Mean
  | ArgMax
  | Concat
  | Split
  | Slice
  | Pad
  | Reshape
  | Transpose
  | Resize
  | Quantize
  | Dequantize
  | Requantize
  | DynamicQuantize
  | Cast;

export type OpName = Node['op'];

/** The node of one operator; several operators may share a node type. */
export type NodeOf<Op extends OpName> = { [N in Node as N['op']]: N }[Op];

/** The tensors that a node reads; optional ones that are absent are left out. */
export function inputsOf(node: Node): readonly Tensor[] {
  return (node.inputs as readonly (Tensor | undefined)[]).filter((input) => input !== undefined);
}

interface Base<Op extends string, Inputs extends readonly (Tensor | undefined)[], Attributes> {
  readonly op: Op;
  /** The file's name of the node, or its number there. */
  readonly name: string;
  readonly inputs: Inputs;
  readonly outputs: readonly Tensor[];
  readonly attributes: Attributes;
}

/** [top, left, bottom, right] in cells. */
export type Pads = readonly [top: number, left: number, bottom: number, right: number];
export type Pair = readonly [y: number, x: number];
/** Bounds on the real result; −Infinity and Infinity where there is none. */
export interface Clamp {
  readonly min: number;
  readonly max: number;
}
export const noClamp: Clamp = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

interface Window {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
}

/**
 * Input [batch][height][width][in], weights [out][ky][kx][in / groups], bias [out].
 * Quantized: 8-bit input, weights and output, int32 bias of scale inputScale * weightScale;
 * float: all float32. 8-bit operands and a float32 output: requantized to real numbers, float bias.
 */
export type Conv = Base<
  'Conv',
  readonly [input: Tensor, weights: Tensor, bias?: Tensor],
  Window & Clamp & { readonly groups: number }
>;

/** The gradient of a Conv by its input: every input cell adds weights to a window of the output. */
export type ConvTranspose = Base<
  'ConvTranspose',
  readonly [input: Tensor, weights: Tensor, bias?: Tensor],
  Window & Clamp & { readonly groups: number; readonly outputPadding: Pair }
>;

/** Conv of raw 8-bit numbers less their zero points (weights' in their quantization) to int32. */
export type ConvInteger = Base<
  'ConvInteger',
  readonly [input: Tensor, weights: Tensor, inputZeroPoint?: Tensor],
  Window & { readonly groups: number }
>;

/** output[m][n] = input[m][k] · weights[n][k] + bias[n]; `keepDims` keeps the input's leading axes. */
export type FullyConnected = Base<
  'FullyConnected',
  readonly [input: Tensor, weights: Tensor, bias?: Tensor],
  Clamp & { readonly keepDims: boolean }
>;

/** a [...][m][k] times b [...][k][n], leading axes broadcast; both float32. */
export type MatMul = Base<'MatMul', readonly [a: Tensor, b: Tensor], object>;

/** input [...][k] times weights [n][k] to int32, zero points as in ConvInteger. */
export type MatMulInteger = Base<
  'MatMulInteger',
  readonly [input: Tensor, weights: Tensor, inputZeroPoint?: Tensor],
  object
>;

export type BinaryOp = 'Add' | 'Sub' | 'Mul' | 'Div';
/** Elementwise with numpy's broadcasting. */
export type Binary = Base<BinaryOp, readonly [a: Tensor, b: Tensor], Clamp>;

/** x where x >= 0, else x * slope; the slope broadcasts to the input. */
export type PRelu = Base<'PRelu', readonly [input: Tensor, slope: Tensor], object>;

export type UnaryOp =
  | 'Relu'
  | 'Clip'
  | 'LeakyRelu'
  | 'HardSigmoid'
  | 'HardSwish'
  | 'Sigmoid'
  | 'Tanh';
/**
 * Clip: alpha to beta. LeakyRelu: alpha x below 0. HardSigmoid: clamp(alpha x + beta, 0, 1).
 * HardSwish: x clamp(x / 6 + 1 / 2, 0, 1). The others take no parameter.
 */
export type Unary = Base<
  UnaryOp,
  readonly [input: Tensor],
  { readonly alpha: number; readonly beta: number }
>;

/** exp(beta x) over its sum along `axis`; LogSoftmax its logarithm. */
export type Softmax = Base<
  'Softmax' | 'LogSoftmax',
  readonly [input: Tensor],
  { readonly axis: number; readonly beta: number }
>;

/** (x − mean) / sqrt(variance + epsilon) * scale + bias, per index of the last axis. */
export type BatchNorm = Base<
  'BatchNorm',
  readonly [input: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor],
  { readonly epsilon: number }
>;

/** A window that begins beyond the input and its leading padding is dropped, with `ceilMode` too. */
export type Pool = Base<
  'MaxPool' | 'AveragePool',
  readonly [input: Tensor],
  Window &
    Clamp & {
      readonly kernel: Pair;
      readonly ceilMode: boolean;
      /** Average: padding counts as cells of value 0, cells beyond the padding never do. */
      readonly countIncludePad: boolean;
    }
>;

export type Mean = Base<
  'Mean',
  readonly [input: Tensor],
  { readonly axes: readonly number[]; readonly keepDims: boolean }
>;

/** The index of the greatest element along `axis`, the first of equals unless `selectLast`. */
export type ArgMax = Base<
  'ArgMax',
  readonly [input: Tensor],
  { readonly axis: number; readonly keepDims: boolean; readonly selectLast: boolean }
>;

export type Concat = Base<'Concat', readonly Tensor[], { readonly axis: number }>;

export type Split = Base<
  'Split',
  readonly [input: Tensor],
  { readonly axis: number; readonly sizes: readonly number[] }
>;

/** Along each axis `sizes[axis]` elements from `starts[axis]` on, `steps[axis]` apart (never 0). */
export type Slice = Base<
  'Slice',
  readonly [input: Tensor],
  {
    readonly starts: readonly number[];
    readonly sizes: readonly number[];
    readonly steps: readonly number[];
  }
>;

/** `value` is a raw element of the tensor (8-bit: as it is stored); negative pads are not allowed. */
export type Pad = Base<
  'Pad',
  readonly [input: Tensor],
  {
    readonly before: readonly number[];
    readonly after: readonly number[];
    readonly mode: 'constant' | 'edge' | 'reflect';
    readonly value: number;
  }
>;

export type Reshape = Base<
  'Reshape',
  readonly [input: Tensor],
  { readonly shape: readonly number[] }
>;

/** output axis i is input axis permutation[i]. */
export type Transpose = Base<
  'Transpose',
  readonly [input: Tensor],
  { readonly permutation: readonly number[] }
>;

/** Height and width of an NHWC map. `scales`: output over input, as the file states them. */
export type Resize = Base<
  'Resize',
  readonly [input: Tensor],
  {
    readonly mode: 'linear' | 'nearest';
    readonly size: Pair;
    readonly scales: Pair;
    readonly coordinates: 'asymmetric' | 'halfPixel' | 'pytorchHalfPixel' | 'alignCorners';
    readonly nearest: 'roundPreferFloor' | 'roundPreferCeil' | 'floor' | 'ceil';
  }
>;

/** float32 to the output's 8-bit type: clamp(roundHalfToEven(x / scale) + zeroPoint). */
export type Quantize = Base<'Quantize', readonly [input: Tensor], object>;
/** 8-bit or int32 to float32: float32(q − zeroPoint) * scale of the input's quantization. */
export type Dequantize = Base<'Dequantize', readonly [input: Tensor], object>;
/** 8-bit to 8-bit of another scale, zero point or sign. */
export type Requantize = Base<'Requantize', readonly [input: Tensor], object>;
/** ONNX DynamicQuantizeLinear: uint8 output, and its scale (float32) and zero point (uint8). */
export type DynamicQuantize = Base<'DynamicQuantize', readonly [input: Tensor], object>;
/** Numbers of one dtype as another's; 8-bit tensors count as plain integers here. */
export type Cast = Base<'Cast', readonly [input: Tensor], object>;
