import { expect, test } from 'vitest';
import { imageOptions, joinNumbers } from '../../src/cli/options.ts';
import { columns } from '../../src/cli/report.ts';

test('numbers after --mean and --std belong to them', () => {
  expect(joinNumbers(['--mean', '1', '-2', '3.5', 'model', '4'])).toEqual([
    '--mean',
    '1,-2,3.5',
    'model',
    '4',
  ]);
  expect(joinNumbers(['--std', '1,2', '--mean', '0', '--top-k', '5', '6'])).toEqual([
    '--std',
    '1,2',
    '--mean',
    '0',
    '--top-k',
    '5',
    '6',
  ]);
});

test('std below 1 means pixels from 0 to 1, and that is said', async () => {
  const fractions = await imageOptions({ mean: [0.5], std: [0.25, 0.5, 0.5] });
  expect(fractions.options).toEqual({ mean: [127.5], std: [63.75, 127.5, 127.5] });
  expect(fractions.notes).toHaveLength(1);
  const whole = await imageOptions({ mean: [0.5], std: [1], fit: 'squash' });
  expect(whole).toEqual({ options: { mean: [0.5], std: [1], fit: 'squash' }, notes: [] });
});

test('columns are as wide as their widest cell', () => {
  const rows = [
    ['a', '1', 'x'],
    ['bb', '10', ''],
  ];
  expect(columns(rows, '<><')).toBe('a    1  x\nbb  10');
});
