import { expect, test } from 'vitest';
import { RunError } from '../../src/errors.ts';
import { planFit } from '../../src/image/fit.ts';

const target = { width: 224, height: 224 };

test.each([
  [
    '227x227 loses its border',
    227,
    227,
    { width: 227, height: 227, resample: false, left: 1, top: 1 },
  ],
  ['256x300 is cut', 256, 300, { width: 256, height: 300, resample: false, left: 16, top: 38 }],
  ['224x224 stays', 224, 224, { width: 224, height: 224, resample: false, left: 0, top: 0 }],
  ['260x260 is scaled', 260, 260, { width: 224, height: 224, resample: true, left: 0, top: 0 }],
  ['448x300 is scaled', 448, 300, { width: 335, height: 224, resample: true, left: 55, top: 0 }],
  ['100x50 grows', 100, 50, { width: 448, height: 224, resample: true, left: 112, top: 0 }],
  ['1x1 grows', 1, 1, { width: 224, height: 224, resample: true, left: 0, top: 0 }],
])('crop: %s', (_, width, height, expected) => {
  expect(planFit({ width, height }, target, {})).toEqual(expected);
});

test('crop to a wide target covers both sides', () => {
  const plan = planFit({ width: 100, height: 100 }, { width: 40, height: 20 }, { fit: 'crop' });
  expect(plan).toEqual({ width: 40, height: 40, resample: true, left: 0, top: 10 });
});

test('crop with resize scales the shorter side first', () => {
  const plan = planFit({ width: 512, height: 1024 }, target, { resize: 256 });
  expect(plan).toEqual({ width: 256, height: 512, resample: true, left: 16, top: 144 });
});

test.each([100, 224.5, Number.NaN])('resize %d is refused', (resize) => {
  expect(() => planFit({ width: 512, height: 512 }, target, { resize })).toThrow(RunError);
});

test('squash takes the whole picture', () => {
  const plan = planFit({ width: 300, height: 200 }, target, { fit: 'squash' });
  expect(plan).toEqual({ width: 224, height: 224, resample: true, left: 0, top: 0 });
  expect(planFit(target, target, { fit: 'squash' }).resample).toBe(false);
});
