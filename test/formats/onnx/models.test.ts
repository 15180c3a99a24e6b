import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readOnnx } from '../../../src/formats/onnx/read.ts';
import { sniffOnnx } from '../../../src/formats/onnx/sniff.ts';
import { operatorOf } from '../../../src/ops/table.ts';
import { hasShared, readShared, sharedPath } from '../../shared.ts';

const folder = 'models/onnx';

/** Multiply-accumulates of the files by their manifests; of a whole batch where one is fixed. */
const macs: Readonly<Record<string, number>> = {
  'fd_mobilenet_0_25_224.onnx': 12_037_952,
  'fd_mobilenet_0_5_224.onnx': 40_132_224,
  'microbotnet_x0_25_cifar10.onnx': 586_112,
  'microbotnet_x0_32_cifar10.onnx': 782_368,
  'microbotnet_x0_32_ttq_conv_fc_cifar10.onnx': 782_368,
  'microbotnet_x0_50_cifar10.onnx': 1_616_512,
  'microbotnet_x0_50_ttq_cifar10.onnx': 1_616_512,
  'mlperftiny_ic_qop_b16.onnx': 16 * 14_598_784,
  'mlperftiny_kws_qop.onnx': 1_700_608,
  'mobilenet_v1_0_25_128_qlinear.onnx': 13_570_304,
  'mobilenet_v1_0_25_224.onnx': 41_030_272,
  'mobilenet_v1_1_0_224_qlinear.onnx': 568_741_376,
  'mobilenet_v2_1_0_224_qdq.onnx': 300_775_552,
  'mobilenet_v3_large_minimalistic_224_w8qat.onnx': 209_137_984,
  'mobilenetv2-12-int8.onnx': 300_774_272,
  'mobilenetv3_small_x0_25_cifar10.onnx': 2_219_008,
  'resnet20_ec2t_z45_cifar10.onnx': 40_551_040,
  'resnet20_ec2t_z64_cifar10.onnx': 40_551_040,
  'resnet20_ec2t_z73_cifar10.onnx': 40_551_040,
  'squeezenet1_0_deepcomp_224_pad0.onnx': 818_924_576,
  'squeezenet1_1_fp16w_224.onnx': 349_151_936,
  'squeezenet_bn_ttq_cifar10.onnx': 23_511_040,
  'squeezenet_bn_ttq_tinyimagenet.onnx': 76_769_280,
};

const refused = 'unsupported_qonnx_quant.onnx';

describe.skipIf(!hasShared)('the ONNX models at hand', () => {
  const files = hasShared
    ? readdirSync(sharedPath(folder)).filter((file) => file.endsWith('.onnx') && file !== refused)
    : [];

  test.each(files)('%s becomes a graph with the MACs of its manifest', (file) => {
    const bytes = readShared(`${folder}/${file}`);
    expect(sniffOnnx(bytes)).toBe(true);
    const graph = readOnnx(bytes);
    let total = 0;
    // The table's rows are typed by their own node.
    for (const node of graph.nodes) total += operatorOf(node.op).count(node as never).macs ?? 0;
    if (macs[file] !== undefined) expect(total).toBe(macs[file]);
    expect(graph.outputs.length).toBeGreaterThan(0);
  });

  test('what is not supported is refused with every reason at once', () => {
    const bytes = readShared(`${folder}/${refused}`);
    expect(() => readOnnx(bytes)).toThrow(/opset 9, .*\n.*operator Quant of qonnx/);
  });
});
