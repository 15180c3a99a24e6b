import type { Pads } from '../graph/node.ts';
import type { Rule } from './rewrite.ts';

/** Pad → Conv becomes a Conv with wider padding. */
export const foldPad: Rule = (conv, view) => {
  if (conv.op !== 'Conv') return undefined;
  const [padded, weights, bias] = conv.inputs;
  const pad = view.producerOf(padded);
  if (pad?.op !== 'Pad' || pad.attributes.mode !== 'constant') return undefined;
  const [source] = pad.inputs;
  // A Conv pads with the real value 0, which is the zero point; any other value would be lost.
  if (pad.attributes.value !== (source.quantization?.zeroPoint[0] ?? 0)) return undefined;
  const { before, after } = pad.attributes;
  if (before[0] !== 0 || after[0] !== 0 || before[3] !== 0 || after[3] !== 0) return undefined;

  const [top, left, bottom, right] = conv.attributes.pads;
  const pads: Pads = [top + before[1]!, left + before[2]!, bottom + after[1]!, right + after[2]!];
  const inputs =
    bias === undefined ? ([source, weights] as const) : ([source, weights, bias] as const);
  return { remove: [conv], by: [{ ...conv, inputs, attributes: { ...conv.attributes, pads } }] };
};

/** A Pad by nothing is its input. */
export const dropEmptyPad: Rule = (node) => {
  if (node.op !== 'Pad') return undefined;
  const { before, after } = node.attributes;
  if ([...before, ...after].some((n) => n !== 0)) return undefined;
  const shape = node.outputs[0]!.shape;
  return { remove: [node], by: [{ ...node, op: 'Reshape', attributes: { shape } }] };
};

/** A Reshape to the shape that is there already goes, where nothing tells the two tensors apart. */
export const dropIdleReshape: Rule = (node, view) => {
  if (node.op !== 'Reshape') return undefined;
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  if (view.isOutput(output) || input.shape.join() !== output.shape.join()) return undefined;
  // One that gives bytes another scale has a meaning: the readers go by the tensor's own.
  if (input.quantization !== output.quantization) return undefined;
  return { remove: [node], by: [], forward: { from: output, to: input } };
};
