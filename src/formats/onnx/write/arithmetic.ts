import type { BatchNorm, Binary, MatMul, PRelu, Softmax, Unary } from '../../../graph/node.ts';
import { isQuantized } from '../../../graph/tensor.ts';
import { axisIn, type NodeWriter } from './nodeWriter.ts';

export function writeBinary(w: NodeWriter, node: Binary): void {
  const layout = w.layoutOf(node);
  const output = node.outputs[0]!;
  // As QDQ these would follow the rule for unsigned numbers, which differs now and then.
  if (output.dtype === 'int8') w.fail(node, 'int8 operands', 'uint8 or real ones');
  const inputs = node.inputs.map((input) => w.real(input, layout));
  w.result(node, node.op, inputs, output, layout, {}, { clamp: node.attributes });
}

export function writeUnary(w: NodeWriter, node: Unary): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const layout = w.layoutOf(node);
  const { alpha, beta } = node.attributes;
  const source = w.real(input, layout);
  if (node.op === 'Clip') {
    const plain = output.dtype !== 'float32' && !isQuantized(output);
    if (plain) w.fail(node, `plain ${output.dtype}`, 'real numbers');
    const bound = (name: string, value: number): string =>
      Number.isFinite(value) ? w.file.floats(`${output.id}/${name}`, [value], []) : '';
    const inputs = [source, bound('min', alpha), bound('max', beta)];
    w.result(node, 'Clip', inputs, output, layout);
    return;
  }
  const attributes = {
    alpha: node.op === 'LeakyRelu' || node.op === 'HardSigmoid' ? { float: alpha } : undefined,
    beta: node.op === 'HardSigmoid' ? { float: beta } : undefined,
  };
  w.result(node, node.op, [source], output, layout, attributes);
}

export function writeSoftmax(w: NodeWriter, node: Softmax): void {
  const [input] = node.inputs;
  const layout = w.layoutOf(node);
  const { axis, beta } = node.attributes;
  if (beta !== 1) w.fail(node, `beta ${beta}`, '1');
  const attributes = { axis: axisIn(layout, axis) };
  w.result(node, node.op, [w.real(input, layout)], node.outputs[0]!, layout, attributes);
}

export function writeBatchNorm(w: NodeWriter, node: BatchNorm): void {
  const [input, ...parameters] = node.inputs;
  const rank = input.shape.length;
  if (rank !== 4 && rank !== 2) w.fail(node, `an input of ${rank} axes`, '2 or 4');
  const layout = rank === 4 ? 'turned' : 'plain';
  const inputs = [w.real(input, layout), ...parameters.map((p) => w.real(p, 'plain'))];
  const attributes = { epsilon: { float: node.attributes.epsilon } };
  w.result(node, 'BatchNormalization', inputs, node.outputs[0]!, layout, attributes);
}

export function writePRelu(w: NodeWriter, node: PRelu): void {
  const layout = w.layoutOf(node);
  const inputs = node.inputs.map((input) => w.real(input, layout));
  w.result(node, 'PRelu', inputs, node.outputs[0]!, layout);
}

export function writeMatMul(w: NodeWriter, node: MatMul): void {
  const inputs = node.inputs.map((input) => w.real(input, 'plain'));
  w.result(node, 'MatMul', inputs, node.outputs[0]!, 'plain');
}
