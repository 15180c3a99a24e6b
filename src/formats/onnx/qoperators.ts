import { type BinaryOp, noClamp, type UnaryOp } from '../../graph/node.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { emitSoftmax } from './elementwise.ts';
import { mapId, outputMap, toMap } from './map.ts';
import type { Kind, NodeImport } from './nodeImport.ts';
import { emitPool } from './pooling.ts';
import { sameQuantization } from './quantization.ts';

type Importer = (c: NodeImport) => void;

/** A, A_scale, A_zero_point, B, B_scale, B_zero_point, C_scale, C_zero_point */
export function importQLinearBinary(op: BinaryOp): Importer {
  return (c) => {
    const a = c.quantized(0);
    const b = c.quantized(3);
    c.output(c.emit(op, [a, b], noClamp, c.quantizedKind(6, 7, a.dtype), c.outputId()));
  };
}

/** X, X_scale, X_zero_point, Y_scale, Y_zero_point */
export function importQLinearUnary(op: UnaryOp, alpha: number | undefined = undefined): Importer {
  return (c) => {
    const input = c.quantized(0);
    const attributes = {
      alpha: alpha === undefined ? 0 : c.attributes.float('alpha', alpha),
      beta: 0,
    };
    c.output(c.emit(op, [input], attributes, c.quantizedKind(3, 4, input.dtype), c.outputId()));
  };
}

/** Runs `emit` on the input as an NHWC map, which it may be in the file already. */
function onMap(c: NodeImport, emit: (map: Tensor, kind: Kind, rank: number, id: string) => Tensor) {
  const input = c.quantized(0);
  const kind = c.quantizedKind(3, 4, input.dtype);
  const rank = input.shape.length;
  if (!c.attributes.flag('channels_last')) {
    outputMap(c, emit(toMap(c, input), kind, rank, mapId(c)), rank);
    return;
  }
  if (rank !== 4) c.fail(`an input of ${rank} axes`, '[batch][height][width][channels]');
  c.output(emit(input, kind, rank, c.outputId()));
}

export function importQLinearGlobalAveragePool(c: NodeImport): void {
  onMap(c, (map, kind, _, id) => c.emit('Mean', [map], { axes: [1, 2], keepDims: true }, kind, id));
}

export function importQLinearAveragePool(c: NodeImport): void {
  onMap(c, (map, kind, rank, id) => emitPool(c, 'AveragePool', map, rank, kind, id));
}

/** Y_scale, Y_zero_point, then input, scale, zero point of each part. */
export function importQLinearConcat(c: NodeImport): void {
  const parts = Array.from({ length: Math.floor((c.inputCount - 2) / 3) }, (_, i) =>
    c.quantized(2 + 3 * i),
  );
  const first = parts[0] ?? c.fail('no inputs', 'one or more');
  const kind = c.quantizedKind(0, 1, first.dtype);
  const axis = c.axis(c.attributes.int('axis', 0), first.shape.length);
  const alike = parts.map((part) => {
    const same =
      part.dtype === kind.dtype && sameQuantization(part.quantization, kind.quantization!);
    if (same) return part;
    return c.emit('Requantize', [part], {}, kind);
  });
  c.output(c.emit('Concat', alike, { axis }, kind, c.outputId()));
}

/** The attribute `opset` says whether the input is seen as a matrix. */
export function importQLinearSoftmax(c: NodeImport): void {
  const input = c.quantized(0);
  const kind = c.quantizedKind(3, 4, input.dtype);
  const flattens = c.attributes.int('opset', 13) < 13;
  const axis = c.attributes.int('axis', flattens ? 1 : -1);
  c.output(emitSoftmax(c, 'Softmax', input, axis, flattens, kind));
}
