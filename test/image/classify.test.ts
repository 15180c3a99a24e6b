import { describe, expect, test } from 'vitest';
import { RunError } from '../../src/errors.ts';
import { Classifier, classify } from '../../src/image/classify.ts';
import type { Pixels } from '../../src/image/pixels.ts';
import { fakeModel } from './fakeModel.ts';

const pixels: Pixels = { data: new Uint8Array(12).fill(9), width: 2, height: 2, channels: 3 };

test('the most probable classes come first, ties to the lower index', () => {
  const model = fakeModel({}, Float32Array.of(0.125, 0.25, 0.25, 0.375));
  expect(classify(model, pixels, { topK: 3, labels: ['a', 'b', 'c', 'd'] })).toEqual([
    { label: 'd', index: 3, probability: 0.375 },
    { label: 'b', index: 1, probability: 0.25 },
    { label: 'c', index: 2, probability: 0.25 },
  ]);
  expect(model.seen).toEqual([new Uint8Array(12).fill(9)]);
});

test('five classes unless told, named by number where nothing names them', () => {
  const classes = classify(fakeModel({}, new Float32Array(10)), pixels);
  expect(classes.map(({ label }) => label)).toEqual([0, 1, 2, 3, 4].map((i) => `class ${i}`));
});

test('8-bit outputs are dequantized', () => {
  const output = { dtype: 'int8', scale: 1 / 256, zeroPoint: -128 };
  const classes = classify(fakeModel({}, Int8Array.of(-128, 64, 0), { output }), pixels);
  expect(classes.map(({ probability }) => probability)).toEqual([0.75, 0.5, 0]);
});

test('scores become probabilities by softmax, and that is said', () => {
  const answer = Float32Array.of(1000, 1000 + Math.log(3));
  const model = fakeModel({}, answer, { outputIsProbability: false });
  const classifier = new Classifier(model);
  const [first, second] = classifier.classify(pixels);
  expect(first!.probability).toBeCloseTo(0.75, 4);
  expect(second!.probability).toBeCloseTo(0.25, 4);
  expect(classifier.notes).toEqual(['the model ends in scores: probabilities are their softmax']);
});

describe('labels', () => {
  const labelsOf = (outputs: number, options: object, metadata = {}) =>
    new Classifier(fakeModel({}, new Float32Array(outputs), { metadata }), options);

  test('options stand above the model file', () => {
    expect(labelsOf(2, { labels: ['x', 'y'] }, { labels: ['a', 'b'] }).labels).toEqual(['x', 'y']);
    expect(labelsOf(2, {}, { labels: ['a', 'b'] }).labels).toEqual(['a', 'b']);
    expect(labelsOf(10, {}).labels).toBeUndefined();
  });

  test('one output more than labels is a background class, and that is said', () => {
    const classifier = labelsOf(1001, { labels: 'imagenet' });
    expect(classifier.labels?.slice(0, 3)).toEqual(['background', 'tench', 'goldfish']);
    expect(classifier.notes[0]).toBe('1001 outputs for 1000 labels: output 0 is the background');
  });

  test('a background label without an output is left out', () => {
    const classifier = labelsOf(2, { labels: ['background', 'a', 'b'] });
    expect(classifier.labels).toEqual(['a', 'b']);
    expect(classifier.notes).toHaveLength(1);
  });

  test('labels that do not fit are refused, those of the file are left aside', () => {
    expect(() => labelsOf(10, { labels: ['a'] })).toThrow('got 1 names, expected 10');
    const classifier = labelsOf(10, {}, { labels: ['a'] });
    expect(classifier.labels).toBeUndefined();
    expect(classifier.notes[0]).toMatch(/unused/);
  });

  test('built-in lists have as many names as the sets have classes, all different', () => {
    for (const [name, count] of [
      ['imagenet', 1000],
      ['cifar10', 10],
      ['fashion-mnist', 10],
      ['pascal-voc', 21],
    ]) {
      const { labels } = labelsOf(Number(count), { labels: name });
      expect(new Set(labels).size).toBe(count);
    }
    expect(() => labelsOf(2, { labels: 'nonesuch' })).toThrow(RunError);
  });
});

test('a model of batch n has n slots', () => {
  const answer = Float32Array.of(0, 1, 0.75, 0.25);
  const classifier = new Classifier(fakeModel({ shape: [2, 1, 1, 3] }, answer), { layout: 'nhwc' });
  const pixel = (value: number): Pixels => ({
    data: Uint8Array.of(value, value, value),
    width: 1,
    height: 1,
    channels: 3,
  });
  classifier.place(pixel(1), 0);
  classifier.place(pixel(2), 1);
  classifier.run();
  expect(classifier.top(1, 0)).toEqual([{ label: 'class 1', index: 1, probability: 1 }]);
  expect(classifier.top(1, 1)).toEqual([{ label: 'class 0', index: 0, probability: 0.75 }]);
  expect([0, 1].map((index) => classifier.rankOf(index, 1))).toEqual([0, 1]);
});

test('bytes and tensors go into their slot as they are', () => {
  const model = fakeModel({ shape: [2, 1, 1, 1], dtype: 'float32' }, new Float32Array(4));
  const classifier = new Classifier(model, { layout: 'nhwc', mean: [1], std: [2] });
  classifier.placeBytes(Uint8Array.of(255), 'int8', 0);
  classifier.placeTensor(new Uint8Array(Float32Array.of(0.5).buffer), 1);
  classifier.run();
  expect(classifier.slotBytes).toBe(4);
  expect(model.seen).toEqual([Float32Array.of(-1, 0.5)]);
});

test('equal scores rank by index', () => {
  const classifier = new Classifier(fakeModel({}, Float32Array.of(1, 2, 1, 2)));
  classifier.run();
  expect([0, 1, 2, 3].map((index) => classifier.rankOf(index, 0))).toEqual([2, 0, 3, 1]);
});

test.each([
  ['several inputs', { inputs: [] }, /got 0 inputs/],
  ['a map as output', { output: { shape: [1, 8, 8, 2] } }, /no classifier/],
  ['integer outputs', { output: { dtype: 'int64' } }, /no classifier/],
] as const)('%s is refused', (_, rest, message) => {
  expect(() => new Classifier(fakeModel({}, new Float32Array(2), rest))).toThrow(message);
});
