import {
  importCast,
  importComparison,
  importConstant,
  importConstantOfShape,
  importExpand,
  importFolded,
  importFunction,
  importGather,
  importGatherElements,
  importRange,
  importShape,
  importSize,
  importTile,
  importWhere,
} from './constants.ts';
import {
  importConv,
  importConvInteger,
  importConvTranspose,
  importQLinearConv,
} from './convolution.ts';
import {
  importBatchNormalization,
  importBinary,
  importBound,
  importClip,
  importPRelu,
  importSoftmax,
  importUnary,
} from './elementwise.ts';
import {
  importGemm,
  importMatMul,
  importMatMulInteger,
  importQGemm,
  importQLinearMatMul,
} from './matrix.ts';
import {
  importDropout,
  importFlatten,
  importIdentity,
  importReshape,
  importSqueeze,
  importTranspose,
  importUnsqueeze,
} from './movement.ts';
import type { NodeImport } from './nodeImport.ts';
import { importConcat, importPad, importSlice, importSplit } from './parts.ts';
import {
  importArgMax,
  importGlobalAveragePool,
  importGlobalMaxPool,
  importPool,
  importReduceMean,
} from './pooling.ts';
import {
  importQLinearAveragePool,
  importQLinearBinary,
  importQLinearConcat,
  importQLinearGlobalAveragePool,
  importQLinearSoftmax,
  importQLinearUnary,
} from './qoperators.ts';
import {
  importDequantizeLinear,
  importDynamicQuantizeLinear,
  importQuantizeLinear,
} from './quantizeLinear.ts';
import { importResize, importUpsample } from './resize.ts';

type Importers = Readonly<Record<string, (c: NodeImport) => void>>;

/** ONNX's own operators. */
const standard: Importers = {
  Abs: importFunction('Abs'),
  Add: importBinary('Add'),
  ArgMax: importArgMax,
  AveragePool: importPool('AveragePool'),
  BatchNormalization: importBatchNormalization,
  Cast: importCast,
  Ceil: importFunction('Ceil'),
  Clip: importClip,
  Concat: importConcat,
  Constant: importConstant,
  ConstantOfShape: importConstantOfShape,
  Conv: importConv,
  ConvInteger: importConvInteger,
  ConvTranspose: importConvTranspose,
  DequantizeLinear: importDequantizeLinear,
  Div: importBinary('Div'),
  Dropout: importDropout,
  DynamicQuantizeLinear: importDynamicQuantizeLinear,
  Equal: importComparison('Equal'),
  Exp: importFunction('Exp'),
  Expand: importExpand,
  Flatten: importFlatten,
  Floor: importFunction('Floor'),
  Gather: importGather,
  GatherElements: importGatherElements,
  Gemm: importGemm,
  GlobalAveragePool: importGlobalAveragePool,
  GlobalMaxPool: importGlobalMaxPool,
  Greater: importComparison('Greater'),
  HardSigmoid: importUnary('HardSigmoid', 0.2, 0.5),
  HardSwish: importUnary('HardSwish'),
  Identity: importIdentity,
  LeakyRelu: importUnary('LeakyRelu', 0.01),
  Less: importComparison('Less'),
  Log: importFunction('Log'),
  LogSoftmax: importSoftmax('LogSoftmax'),
  MatMul: importMatMul,
  MatMulInteger: importMatMulInteger,
  Max: importBound('Max'),
  MaxPool: importPool('MaxPool'),
  Min: importBound('Min'),
  Mul: importBinary('Mul'),
  Neg: importFunction('Neg'),
  PRelu: importPRelu,
  Pad: importPad,
  Pow: importFolded('Pow'),
  QLinearConv: importQLinearConv,
  QLinearMatMul: importQLinearMatMul,
  QuantizeLinear: importQuantizeLinear,
  Range: importRange,
  Reciprocal: importFunction('Reciprocal'),
  ReduceMean: importReduceMean,
  Relu: importUnary('Relu'),
  Reshape: importReshape,
  Resize: importResize,
  Shape: importShape,
  Sigmoid: importUnary('Sigmoid'),
  Size: importSize,
  Slice: importSlice,
  Softmax: importSoftmax('Softmax'),
  Split: importSplit,
  Sqrt: importFunction('Sqrt'),
  Squeeze: importSqueeze,
  Sub: importBinary('Sub'),
  Tanh: importUnary('Tanh'),
  Tile: importTile,
  Transpose: importTranspose,
  Unsqueeze: importUnsqueeze,
  Upsample: importUpsample,
  Where: importWhere,
};

/** onnxruntime's additions, as its quantizer writes them. */
const microsoft: Importers = {
  DequantizeLinear: importDequantizeLinear,
  QGemm: importQGemm,
  QLinearAdd: importQLinearBinary('Add'),
  QLinearAveragePool: importQLinearAveragePool,
  QLinearConcat: importQLinearConcat,
  QLinearGlobalAveragePool: importQLinearGlobalAveragePool,
  QLinearLeakyRelu: importQLinearUnary('LeakyRelu', 0.01),
  QLinearMul: importQLinearBinary('Mul'),
  QLinearSigmoid: importQLinearUnary('Sigmoid'),
  QLinearSoftmax: importQLinearSoftmax,
  QuantizeLinear: importQuantizeLinear,
};

/** By domain; '' is ONNX's own. */
export const domains: Readonly<Record<string, Importers>> = {
  '': standard,
  'com.microsoft': microsoft,
};

export function importerOf(domain: string, op: string): ((c: NodeImport) => void) | undefined {
  const importers = Object.hasOwn(domains, domain) ? domains[domain]! : undefined;
  return importers !== undefined && Object.hasOwn(importers, op) ? importers[op] : undefined;
}
