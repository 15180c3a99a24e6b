import { describe, expect, test } from 'vitest';
import { readModel } from '../../src/formats/table.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { hasShared, readShared, readSharedJson } from '../shared.ts';

async function planOf(path: string) {
  return makePlan(optimize(await readModel(readShared(path), path))).plan;
}

const number = (text: string): number => Number(text.replaceAll(',', ''));

/** Rows of the Markdown table whose first cell is a file name. */
function rowsOf(path: string): string[][] {
  const text = hasShared ? new TextDecoder().decode(readShared(path)) : '';
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

describe.skipIf(!hasShared)('MACs and parameters', () => {
  const tflite = rowsOf('models/tflite/MANIFEST.md').filter(
    ([file, , kind]) => file!.endsWith('.tflite') && kind !== undefined && !file!.includes('lstm'),
  );
  test.each(tflite)('%s', async (file, _bytes, _kind, macs, params) => {
    const plan = await planOf(`models/tflite/${file}`);
    expect({ macs: plan.macs, params: plan.params }).toEqual({
      macs: number(macs!),
      params: number(params!),
    });
  });

  const mobilenets = rowsOf('models/onnx/MANIFEST-mobilenets.md').filter(
    ([file, , , , , , params]) => file!.endsWith('.onnx') && params !== undefined,
  );
  test.each(mobilenets)(
    '%s',
    async (file, _bytes, _opset, _form, _input, _output, params, macs) => {
      const plan = await planOf(`models/onnx/${file}`);
      expect(plan.macs).toBe(number(macs!));
      // The manifest counts the gamma and beta of the one file that keeps its batch norms; folded,
      // each pair is one bias: networks.json has that count, without the 1001st class.
      if (file === 'mobilenet_v1_0_25_224.onnx') expect(plan.params).toBe(467_336);
      else expect(plan.params).toBe(number(params!));
    },
  );

  const seeds = rowsOf('models/onnx/MANIFEST-seeds.md').filter(
    (cells) => cells.length === 10 && /^\d/.test(cells[3]!),
  );
  test.each(seeds)('%s', async (name, _input, _classes, _params, macs) => {
    expect((await planOf(`models/onnx/${name}.onnx`)).macs).toBe(number(macs!));
  });
});

interface Networks {
  readonly nets: Readonly<
    Record<string, { readonly totals: { readonly macs: number; readonly params: number } }>
  >;
}

describe.skipIf(!hasShared)('networks.json', () => {
  const { nets } = (
    hasShared ? readSharedJson('reference/networks.json') : { nets: {} }
  ) as Networks;
  /** Files of networks that stand there, with the classes they have beyond the table's. */
  const files: readonly [network: string, path: string, extraClasses: number, features: number][] =
    [
      ['mobilenet_v1_1_0_224', 'models/onnx/mobilenet_v1_1_0_224_qlinear.onnx', 1, 1024],
      ['mobilenet_v1_0_25_128', 'models/tflite/mobilenet_v1_0.25_128_quant.tflite', 1, 256],
      ['mobilenet_v1_0_25_224', 'models/onnx/mobilenet_v1_0_25_224.onnx', 0, 256],
      ['mobilenet_v2_1_0_224', 'models/tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite', 1, 1280],
      ['mobilenet_v2_1_0_224', 'models/onnx/mobilenetv2-12-int8.onnx', 0, 1280],
      [
        'mobilenet_v3_large_minimalistic_224',
        'models/onnx/mobilenet_v3_large_minimalistic_224_w8qat.onnx',
        1,
        1280,
      ],
    ];
  test.each(files)('%s is %s', async (name, path, extraClasses, features) => {
    const { totals } = nets[name]!;
    const plan = await planOf(path);
    expect(plan.macs - extraClasses * features).toBe(totals.macs);
    expect(plan.params - extraClasses * (features + 1)).toBe(totals.params);
  });
});
