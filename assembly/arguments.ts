/**
 * The argument blocks of the kernels, one definition for both sides of the wasm border: byte
 * offsets from the pointer that a kernel gets. Every field is 4 bytes, an address or an integer.
 */

/** Dots of bytes, simd/probe.ts. */
export enum ProbeArgs {
  a = 0,
  b = 4,
  accumulator = 8,
  quads = 12,
  pairs = 16,
  turns = 20,
}

/** 256-entry table, int8/table.ts. */
export enum TableArgs {
  input = 0,
  output = 4,
  table = 8,
  count = 12,
}

/** Strided copy, layout/copy.ts. */
export enum CopyArgs {
  input = 0,
  output = 4,
  axes = 8,
  state = 12,
  axisCount = 16,
  count = 20,
  rows = 24,
  columns = 28,
  inputRow = 32,
  inputColumn = 36,
  outputRow = 40,
  outputColumn = 44,
  elementBytes = 48,
}

/** Repeated element, layout/fill.ts. */
export enum FillArgs {
  output = 0,
  pattern = 4,
  bytes = 8,
}

/** float32 to 8 bits, float32/quantize.ts. */
export enum QuantizeArgs {
  input = 0,
  output = 4,
  parameters = 8,
  outer = 12,
  channels = 16,
  inner = 20,
}

/** 8 or 32 bits to float32, float32/quantize.ts. */
export enum DequantizeArgs {
  input = 0,
  output = 4,
  parameters = 8,
  outer = 12,
  channels = 16,
  inner = 20,
}

/** Convolution of 8-bit maps, int8/conv.ts. */
export enum ConvArgs {
  input = 0,
  output = 4,
  parameters = 8,
  weights = 12,
  scratch = 16,
  /** The address of a byte. */
  inputZeroPoint = 20,
  batch = 24,
  inputHeight = 28,
  inputWidth = 32,
  inputChannels = 36,
  outputHeight = 40,
  outputWidth = 44,
  outputChannels = 48,
  kernelHeight = 52,
  kernelWidth = 56,
  strideY = 60,
  strideX = 64,
  dilationY = 68,
  dilationX = 72,
  padTop = 76,
  padLeft = 80,
  groups = 84,
  /** i32 [steps] */
  offsets = 88,
  /** Output rows whose input rows are in scratch at a time. */
  bandHeight = 92,
  /** 1x1, stride 1, no padding, one group: windows are pixels, each counts as a row of its own. */
  isPointwise = 96,
  /** The rows are copied to scratch; else pixels are read from the input. */
  isCopied = 100,
  /** What the bytes of the copy are xored with. */
  flip = 104,
  /** Steps of 4 bytes in a window. */
  steps = 108,
  /** As assembly/int8/convResult.ts numbers them. */
  resultType = 112,
  /** Bytes of a block's head for each channel. */
  headBytes = 116,
  /** Blocks of 16 channels where there are as many, else of 8. */
  isWide = 120,
  /** Columns of the copy. */
  paddedWidth = 124,
  /** Lines of the tiles are columns of the map, else rows. */
  isUpright = 128,
  /** From a window to the next one in the line. */
  inputPixelBytes = 132,
  /** From a line's windows to those of the next one. */
  inputLineBytes = 136,
  outputPixelBytes = 140,
  outputLineBytes = 144,
  /** Steps whose products are summed up before they are widened; of ternary weights. */
  sumSteps = 148,
}

/** What int8/winograd.ts asks for beside ConvArgs. */
export enum WinogradArgs {
  temporary = 152,
  transformed = 156,
  products = 160,
  /** Tiles that are transformed at a time. */
  blockTiles = 164,
  /** From a position's part of `transformed` to the next one. */
  planeBytes = 168,
}

/** What ternary/sums.ts asks for beside ConvArgs. */
export enum SumsArgs {
  /** i32 [runCount][2]: where a run of a window lies in the rows, and its length. */
  runs = 152,
  runCount = 156,
  /** i32 bias [lists], then f32 scale [lists], then i32 factor [lists] or f32 realBias [lists]. */
  heads = 160,
  chunks = 164,
  /** Inputs of a table, 1 to 4. */
  tupleSize = 168,
  /** What becomes of the sums: ternary/sums.ts. */
  mode = 172,
  planes = 176,
  tables = 180,
  /** i16 [lists of a block][32] */
  sums = 184,
  /** i32 [lists][32], where there are chunks. */
  totals = 188,
  /** u8 [channels of a block][32] */
  results = 192,
  /** As many as channels, or twice as many. */
  lists = 196,
}

/** Convolution of float32 maps, float32/conv.ts. */
export enum ConvF32Args {
  input = 0,
  output = 4,
  weights = 8,
  scratch = 12,
  batch = 16,
  inputHeight = 20,
  inputWidth = 24,
  inputChannels = 28,
  outputHeight = 32,
  outputWidth = 36,
  outputChannels = 40,
  kernelHeight = 44,
  kernelWidth = 48,
  strideY = 52,
  strideX = 56,
  dilationY = 60,
  dilationX = 64,
  padTop = 68,
  padLeft = 72,
  groups = 76,
  k = 80,
  blockRows = 84,
  isPointwise = 88,
}

/** Depthwise convolution of float32 maps, float32/depthwise.ts. */
export enum DepthwiseF32Args {
  input = 0,
  output = 4,
  weights = 8,
  batch = 12,
  inputHeight = 16,
  inputWidth = 20,
  channels = 24,
  outputHeight = 28,
  outputWidth = 32,
  kernelHeight = 36,
  kernelWidth = 40,
  strideY = 44,
  strideX = 48,
  dilationY = 52,
  dilationX = 56,
  padTop = 60,
  padLeft = 64,
}

/** Product of two float32 maps, float32/matMul.ts. */
export enum MatMulF32Args {
  a = 0,
  b = 4,
  output = 8,
  axes = 12,
  state = 16,
  panel = 20,
  axisCount = 24,
  count = 28,
  m = 32,
  n = 36,
  k = 40,
}

/** Sum or product of 8-bit maps, int8/binary.ts. */
export enum BinaryU8Args {
  a = 0,
  b = 4,
  output = 8,
  parameters = 12,
  axes = 16,
  state = 20,
  axisCount = 24,
  /** Combinations of the outer axes. */
  count = 28,
  inner = 32,
  aStep = 36,
  bStep = 40,
}

/** Mean of an axis, int8/mean.ts. */
export enum MeanU8Args {
  input = 0,
  output = 4,
  parameters = 8,
  outer = 12,
  count = 16,
  inner = 20,
}

/** Windows of 8-bit maps, int8/pool.ts. */
export enum PoolU8Args {
  input = 0,
  output = 4,
  parameters = 8,
  batch = 12,
  inputHeight = 16,
  inputWidth = 20,
  channels = 24,
  outputHeight = 28,
  outputWidth = 32,
  kernelHeight = 36,
  kernelWidth = 40,
  strideY = 44,
  strideX = 48,
  dilationY = 52,
  dilationX = 56,
  padTop = 60,
  padLeft = 64,
  /** The number to divide by, or 0: the number of cells within the map. */
  divisor = 68,
}

/** Softmax of 8-bit rows, int8/softmax.ts. */
export enum SoftmaxU8Args {
  input = 0,
  output = 4,
  parameters = 8,
  rows = 12,
  length = 16,
}

/** Function of one float, float32/unary.ts. */
export enum UnaryF32Args {
  input = 0,
  output = 4,
  parameters = 8,
  count = 12,
}

/** Softmax over rows, float32/softmax.ts. */
export enum SoftmaxF32Args {
  input = 0,
  output = 4,
  parameters = 8,
  rows = 12,
  length = 16,
}

/** Scale and bias per channel, float32/affine.ts. */
export enum AffineF32Args {
  input = 0,
  output = 4,
  parameters = 8,
  rows = 12,
  channels = 16,
}

/** Two operands with broadcasting, float32/binary.ts. */
export enum BinaryF32Args {
  a = 0,
  b = 4,
  output = 8,
  bounds = 12,
  axes = 16,
  state = 20,
  axisCount = 24,
  count = 28,
  rows = 32,
  columns = 36,
  aRow = 40,
  bRow = 44,
  aColumn = 48,
  bColumn = 52,
}

/** Windows over a float32 map, float32/pool.ts. */
export enum PoolF32Args {
  input = 0,
  output = 4,
  bounds = 8,
  batch = 12,
  inputHeight = 16,
  inputWidth = 20,
  channels = 24,
  outputHeight = 28,
  outputWidth = 32,
  kernelHeight = 36,
  kernelWidth = 40,
  strideY = 44,
  strideX = 48,
  dilationY = 52,
  dilationX = 56,
  padTop = 60,
  padLeft = 64,
  padBottom = 68,
  padRight = 72,
  countIncludePad = 76,
}

/** Mean over the middle axis, float32/mean.ts. */
export enum MeanF32Args {
  input = 0,
  output = 4,
  outer = 8,
  count = 12,
  inner = 16,
}

/** Index of the maximum, float32/argMax.ts. */
export enum ArgMaxArgs {
  input = 0,
  output = 4,
  outer = 8,
  length = 12,
  inner = 16,
  selectLast = 20,
  outputBytes = 24,
}

/** Bilinear resize, layout/resize.ts. */
export enum ResizeLinearArgs {
  input = 0,
  output = 4,
  y = 8,
  x = 12,
  batch = 16,
  imageBytes = 20,
  outputHeight = 24,
  outputWidth = 28,
  channels = 32,
}

/** Nearest-neighbour resize, layout/resize.ts. */
export enum ResizeNearestArgs {
  input = 0,
  output = 4,
  y = 8,
  x = 12,
  batch = 16,
  imageBytes = 20,
  pixelBytes = 24,
  outputHeight = 28,
  outputWidth = 32,
}

/** float32 to 8 bits by its own range, float32/dynamicQuantize.ts. */
export enum DynamicQuantizeArgs {
  input = 0,
  output = 4,
  scale = 8,
  zeroPoint = 12,
  count = 16,
}

/** Numbers as another type, layout/cast.ts. */
export enum CastArgs {
  input = 0,
  output = 4,
  from = 8,
  to = 12,
  count = 16,
}

/** What becomes of the sums of a convolution, for a kernel that has it as a field. */
export enum ResultType {
  u8 = 0,
  i32 = 1,
  f32 = 2,
}

/** Depthwise convolution of 8-bit maps, int8/depthwise.ts. */
export enum DepthwiseArgs {
  input = 0,
  output = 4,
  parameters = 8,
  weights = 12,
  scratch = 16,
  /** The address of a byte. */
  inputZeroPoint = 20,
  batch = 24,
  inputHeight = 28,
  inputWidth = 32,
  inputChannels = 36,
  outputHeight = 40,
  outputWidth = 44,
  outputChannels = 48,
  kernelHeight = 52,
  kernelWidth = 56,
  strideY = 60,
  strideX = 64,
  dilationY = 68,
  dilationX = 72,
  padTop = 76,
  padLeft = 80,
  /** Pairs of kernel rows. */
  pairs = 84,
  /** The kernel row with which the last pair begins. */
  lastStart = 88,
  ringRows = 92,
  /** Cells of a ring row: all that a row of outputs reads, padding too. */
  paddedWidth = 96,
  channelBlock = 100,
  /** A ResultType. */
  type = 104,
}

/** Depthwise convolution of 8-bit maps down the kernel's columns, int8/depthwiseColumns.ts. */
export enum DepthwiseCellsArgs {
  input = 0,
  output = 4,
  parameters = 8,
  weights = 12,
  scratch = 16,
  batch = 20,
  inputHeight = 24,
  inputWidth = 28,
  channels = 32,
  outputHeight = 36,
  outputWidth = 40,
  strideY = 44,
  strideX = 48,
  dilationY = 52,
  padTop = 56,
  padLeft = 60,
  /** Groups of rows that an output needs. */
  groups = 64,
  /** Output rows that need the same groups. */
  phases = 68,
  /** Times `phases` output rows whose cells are held at a time. */
  bands = 72,
  /** Columns that a row of outputs reads, padding too. */
  paddedWidth = 76,
  units = 80,
  /** Rows in fours: dots of four bytes are exact; else those of two. */
  isExact = 84,
  /** The dots take the cells' bytes as signed ones: they are held 128 lower. */
  isSigned = 88,
  /** The results have bounds within 0 to 255. */
  isClamped = 92,
  /** Groups from the first of a band to the first of the next. */
  groupStep = 96,
}

/** What a thread knows of itself, sync/program.ts. */
export enum ThreadArgs {
  /** Its list of entries, and the entry to begin with or to go on with. */
  program = 0,
  at = 4,
  /** BarrierArgs */
  barrier = 8,
  threads = 12,
  /** Arrivals at the barrier once all threads have come. */
  target = 16,
  /** How often to look at the barrier before going to sleep. */
  spins = 20,
  /** How long to sleep at the barrier at most: 0 for a thread that may not, -1 for ever. */
  waitMilliseconds = 24,
}

/** Where the threads of a memory meet, sync/barrier.ts. */
export enum BarrierArgs {
  arrivals = 0,
  sleepers = 4,
  /** Not 0 once a thread has failed; for the host, which writes it and reads it. */
  failed = 8,
}

/** Channels whose weights are packed: where the argument blocks of pack/ begin alike. */
export enum ChannelsArgs {
  weights = 0,
  isUnsigned = 4,
  zeroPoints = 8,
  sums = 12,
  bias = 16,
  scale = 20,
  realBias = 24,
  /** Numbers of a channel in a block's head: the bias, the scale, the real bias. */
  headFields = 28,
  /** Times the sum of a channel's weights, to be added to its bias. */
  correction = 32,
}

/** ChannelsArgs, then how a convolution's blocks are packed, pack/blocks.ts. */
export enum PackArgs {
  /** Bytes of a channel. */
  k = 36,
  runs = 40,
  runCount = 44,
  offsets = 48,
  steps = 52,
  /** As pack/split.ts numbers them. */
  dot = 56,
  rows = 60,
  rowBytes = 64,
  rests = 68,
  blocks = 72,
  blockCount = 76,
  /** Where the blocks begin; it becomes where they end. */
  output = 80,
  /** For pairs: scratch, and how many steps a block may have. */
  sorted = 84,
  mostSteps = 88,
}

/** ChannelsArgs, then how a depthwise convolution's units are packed, pack/depthwise.ts. */
export enum PackDepthwiseArgs {
  kernelHeight = 36,
  kernelWidth = 40,
  strideY = 44,
  /** Rows that stand side by side: 0, 1 or 0, 2, 1, 3. */
  rows = 48,
  /** As pack/split.ts numbers them. */
  dot = 52,
  groups = 56,
  phases = 60,
  /** Bytes from a group of rows to the next, and from a column to the next. */
  groupBytes = 64,
  columnBytes = 68,
  /** Blocks without split weights may be done in squares. */
  fitsSquares = 72,
  units = 76,
  unitCount = 80,
  taps = 84,
  dots = 88,
  offsets = 92,
  /** Where the units begin; it becomes where they end. */
  output = 96,
}

/** ChannelsArgs, then whose weights are summed up, pack/sums.ts. */
export enum ChannelSumsArgs {
  /** Bytes of a channel. */
  k = 36,
  channels = 40,
}

/** ChannelsArgs, then what channels' sums can come to, pack/sums.ts. */
export enum ChannelBoundsArgs {
  channels = 36,
  /** The range of input less its zero point. */
  low = 40,
  high = 44,
  bounds = 48,
}

/** The result of a ternary layer from its sums, ternary/scale.ts. */
export enum TernarySumsArgs {
  positive = 0,
  negative = 4,
  output = 8,
  parameters = 12,
  rows = 16,
  channels = 20,
}
