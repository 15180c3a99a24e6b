/**
 * Facts of the TFLite schema: slots of the fields that are read, and the numbers of its enums.
 * Slots count from 0 in the order of the fields; a union takes two, its type and its value.
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
 */
export const ModelField = {
  version: 0,
  operatorCodes: 1,
  subgraphs: 2,
  buffers: 4,
  metadata: 6,
} as const;

export const MetadataField = { name: 0, buffer: 1 } as const;
export const BufferField = { data: 0, offset: 1, size: 2 } as const;
export const OperatorCodeField = {
  deprecatedBuiltinCode: 0,
  customCode: 1,
  builtinCode: 3,
} as const;
export const SubGraphField = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 } as const;

export const OperatorField = {
  opcodeIndex: 0,
  inputs: 1,
  outputs: 2,
  optionsType: 3,
  options: 4,
} as const;

export const TensorField = {
  shape: 0,
  type: 1,
  buffer: 2,
  name: 3,
  quantization: 4,
  isVariable: 5,
  sparsity: 6,
  shapeSignature: 7,
} as const;

export const QuantizationField = {
  scale: 2,
  zeroPoint: 3,
  detailsType: 4,
  quantizedDimension: 6,
} as const;

/** By number. */
export const tensorTypes = [
  'FLOAT32',
  'FLOAT16',
  'INT32',
  'UINT8',
  'INT64',
  'STRING',
  'BOOL',
  'INT16',
  'COMPLEX64',
  'INT8',
  'FLOAT64',
  'COMPLEX128',
  'UINT64',
  'RESOURCE',
  'VARIANT',
  'UINT32',
  'UINT16',
  'INT4',
  'BFLOAT16',
] as const;

/** By number. */
export const activations = ['NONE', 'RELU', 'RELU_N1_TO_1', 'RELU6', 'TANH', 'SIGN_BIT'] as const;

/** By number, from 0 on; what follows is no part of networks that this engine runs. */
export const builtinOperators: readonly string[] = `
  ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE
  EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D
  LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1
  RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM
  CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND
  SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE
  BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM
  CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE
  SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW
  ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK
  REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR
  LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS
  WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE
  NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM
  BATCH_MATMUL PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG
  REAL COMPLEX_ABS HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL
  CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL
  BUCKETIZE RANDOM_UNIFORM MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1
  UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2 UNSORTED_SEGMENT_MIN SIGN
  BITCAST BITWISE_XOR RIGHT_SHIFT
`
  .trim()
  .split(/\s+/);

/** Members of the union BuiltinOptions, by the name of the options' table. */
export const OptionsType = {
  Conv2D: 1,
  DepthwiseConv2D: 2,
  Pool2D: 5,
  FullyConnected: 8,
  Softmax: 9,
  Concatenation: 10,
  Add: 11,
  ResizeBilinear: 15,
  Reshape: 17,
  Mul: 21,
  Reducer: 27,
  Sub: 28,
  Div: 29,
  Squeeze: 30,
  StridedSlice: 32,
  TransposeConv: 49,
  Pack: 59,
  ResizeNearestNeighbor: 74,
  LeakyRelu: 75,
  MirrorPad: 77,
  BatchMatMul: 101,
} as const;

/** Fields of the options' tables; those of one name stand in the same slot of all that have them. */
export const WindowField = { padding: 0, strideWidth: 1, strideHeight: 2 } as const;
export const ConvField = { activation: 3, dilationWidth: 4, dilationHeight: 5 } as const;
export const DepthwiseField = { activation: 4, dilationWidth: 5, dilationHeight: 6 } as const;
export const TransposeConvField = { activation: 3 } as const;
export const PoolField = { filterWidth: 3, filterHeight: 4, activation: 5 } as const;
export const FullyConnectedField = { activation: 0, weightsFormat: 1, keepDims: 2 } as const;
export const ConcatenationField = { axis: 0, activation: 1 } as const;
export const BinaryField = { activation: 0 } as const;
export const SoftmaxField = { beta: 0 } as const;
export const ReshapeField = { newShape: 0 } as const;
export const SqueezeField = { axes: 0 } as const;
export const ReducerField = { keepDims: 0 } as const;
export const LeakyReluField = { alpha: 0 } as const;
export const MirrorPadField = { mode: 0 } as const;
export const PackField = { axis: 1 } as const;
export const BatchMatMulField = { transposeA: 0, transposeB: 1 } as const;
export const ResizeBilinearField = { alignCorners: 2, halfPixelCenters: 3 } as const;
export const ResizeNearestField = { alignCorners: 0, halfPixelCenters: 1 } as const;
export const StridedSliceField = {
  beginMask: 0,
  endMask: 1,
  ellipsisMask: 2,
  newAxisMask: 3,
  shrinkAxisMask: 4,
  offset: 5,
} as const;
