import type { Cast, Dequantize, Quantize, Requantize } from '../../../graph/node.ts';
import { isConstant } from '../../../graph/tensor.ts';
import { elementOf } from '../elements.ts';
import type { NodeWriter } from './nodeWriter.ts';

export function writeQuantize(w: NodeWriter, node: Quantize): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const layout = w.layoutOf(node);
  const source = w.raw(input, layout);
  w.quantize(output, source, w.maps.create(output, layout), layout);
}

/** That of a constant is written where it is read, in the layout that is asked for there. */
export function writeDequantize(w: NodeWriter, node: Dequantize): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  if (isConstant(input)) {
    w.integers.set(output, input);
    return;
  }
  const layout = w.layoutOf(node);
  const name = w.dequantize(input, w.raw(input, layout), output.id, layout);
  w.maps.give(output, layout, name);
}

export function writeRequantize(w: NodeWriter, node: Requantize): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const layout = w.layoutOf(node);
  const source = w.real(input, layout);
  w.quantize(output, source, w.maps.create(output, layout), layout);
}

export function writeCast(w: NodeWriter, node: Cast): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const layout = w.layoutOf(node);
  const source = w.raw(input, layout);
  const to = elementOf(output.dtype).code;
  w.file.node('Cast', node.name, [source], [w.maps.create(output, layout)], { to });
}
