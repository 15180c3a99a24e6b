import { dataSize } from '../energy/format.ts';
import type { TensorInfo } from '../index.ts';
import { loadModel } from './files.ts';
import { columns, costs, count, describeCosts, describeWeights, print } from './report.ts';

export async function inspectCommand(path: string, flags: { readonly json?: boolean }) {
  const model = await loadModel(path);
  const { inputs, outputs } = model;
  const layers = model.plan.steps.map(
    ({ name, op, kernel, why, inputShape, outputShape, macs, params, ...step }) => ({
      name,
      op,
      kernel,
      why,
      inputShape,
      outputShape,
      macs,
      params,
      weightBytes: step.weightBytes,
      weightBits: step.weights?.bits,
      packedBytes: step.packedBytes,
    }),
  );
  if (flags.json) {
    const { format, ...cost } = costs(model);
    print({ format, inputs, outputs, ...cost, layers });
    return;
  }
  print(`${path}: ${model.plan.format}, ${describeCosts(model)}`);
  print(describeWeights(model));
  for (const tensor of inputs) print(`input   ${describeTensor(tensor)}`);
  for (const tensor of outputs) print(`output  ${describeTensor(tensor)}`);
  const rows = layers.map((layer) => [
    layer.name,
    layer.op,
    shape(layer.inputShape),
    shape(layer.outputShape),
    count(layer.macs),
    count(layer.params),
    layer.weightBytes > 0 ? dataSize(layer.weightBytes) : '',
    layer.packedBytes > 0 ? dataSize(layer.packedBytes) : '',
    layer.kernel,
    layer.why,
  ]);
  const head = [
    ...['layer', 'op', 'input', 'output', 'MACs', 'parameters', 'in the file', 'in memory'],
    ...['kernel', 'why'],
  ];
  print(`\n${columns([head, ...rows], '<<<<>>>><<')}`);
}

function describeTensor({ name, dtype, shape: lengths, scale, zeroPoint }: TensorInfo): string {
  const quantization = scale === undefined ? '' : `, scale ${scale}, zero point ${zeroPoint ?? 0}`;
  return `${name}: ${dtype} ${shape(lengths)}${quantization}`;
}

function shape(lengths: readonly number[]): string {
  return `[${lengths.join(', ')}]`;
}
