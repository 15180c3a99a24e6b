import { describe, expect, test } from 'vitest';
import { RunError } from '../../src/errors.ts';
import { Classifier, classify } from '../../src/image/classify.ts';
import { Encoder } from '../../src/image/encoder.ts';
import type { TensorDescription } from '../../src/image/inputShape.ts';
import type { Pixels } from '../../src/image/pixels.ts';
import { type Labels, Scores } from '../../src/image/scores.ts';
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
  const labelsOf = (outputs: number, labels?: Labels | string, ofFile?: string[]) => {
    const metadata = ofFile === undefined ? {} : { labels: ofFile };
    const description = [{ name: 'out', dtype: 'float32', shape: [1, outputs] }];
    const model = { outputs: description, metadata, outputIsProbability: true };
    return new Scores(model, 1, labels as Labels);
  };

  test('options stand above the model file', () => {
    expect(labelsOf(2, ['x', 'y'], ['a', 'b']).labels).toEqual(['x', 'y']);
    expect(labelsOf(2, undefined, ['a', 'b']).labels).toEqual(['a', 'b']);
    expect(labelsOf(10).labels).toBeUndefined();
  });

  test('one output more than labels is a background class, and that is said', () => {
    const scores = labelsOf(1001, 'imagenet');
    expect(scores.labels?.slice(0, 3)).toEqual(['background', 'tench', 'goldfish']);
    expect(scores.notes[0]).toBe('1001 outputs for 1000 labels: output 0 is the background');
  });

  test('a background label without an output is left out', () => {
    const scores = labelsOf(2, ['background', 'a', 'b']);
    expect(scores.labels).toEqual(['a', 'b']);
    expect(scores.notes).toHaveLength(1);
  });

  test('labels that do not fit are refused, those of the file are left aside', () => {
    expect(() => labelsOf(10, ['a'])).toThrow('got 1 names, expected 10');
    const scores = labelsOf(10, undefined, ['a']);
    expect(scores.labels).toBeUndefined();
    expect(scores.notes[0]).toMatch(/unused/);
  });

  test('built-in lists have as many names as the sets have classes, all different', () => {
    for (const [name, count] of [
      ['imagenet', 1000],
      ['cifar10', 10],
      ['fashion-mnist', 10],
      ['pascal-voc', 21],
    ] as const) {
      const { labels } = labelsOf(count, name);
      expect(new Set(labels).size).toBe(count);
    }
    expect(() => labelsOf(2, 'nonesuch')).toThrow(RunError);
  });
});

test('a model of batch n has n slots', () => {
  const input: TensorDescription = { name: 'in', dtype: 'uint8', shape: [2, 1, 1, 3] };
  const encoder = new Encoder(input, undefined, { layout: 'nhwc' });
  const pixel = (value: number): Pixels => ({
    data: Uint8Array.of(value, value, value),
    width: 1,
    height: 1,
    channels: 3,
  });
  encoder.place(pixel(1), 0);
  encoder.place(pixel(2), 1);
  expect(encoder.tensor).toEqual(Uint8Array.of(1, 1, 1, 2, 2, 2));

  const scores = scoresOf([2, 2], 2);
  const result = Float32Array.of(0, 1, 0.75, 0.25);
  expect(scores.top(result, 0, 1)).toEqual([{ label: 'class 1', index: 1, probability: 1 }]);
  expect(scores.top(result, 1, 1)).toEqual([{ label: 'class 0', index: 0, probability: 0.75 }]);
  expect([0, 1].map((index) => scores.rankOf(result, 1, index))).toEqual([0, 1]);
});

test('signed bytes go into their slot as numbers', () => {
  const input: TensorDescription = { name: 'in', dtype: 'float32', shape: [2, 1, 1, 1] };
  const encoder = new Encoder(input, undefined, { layout: 'nhwc', mean: [1], std: [2] });
  encoder.placeBytes(Uint8Array.of(255), 'int8', 1);
  expect(encoder.tensor).toEqual(Float32Array.of(0, -1));
});

test('equal scores rank by index', () => {
  const result = Float32Array.of(1, 2, 1, 2);
  const scores = scoresOf([1, 4], 1);
  expect([0, 1, 2, 3].map((index) => scores.rankOf(result, 0, index))).toEqual([2, 0, 3, 1]);
});

test('the batch may share an axis with the classes', () => {
  expect(scoresOf([1, 1, 1, 1024], 1).classCount).toBe(1024);
  expect(scoresOf([16, 10], 16).classCount).toBe(10);
  expect(scoresOf([16, 1, 1, 10], 16).classCount).toBe(10);
});

function scoresOf(shape: number[], batch: number): Scores {
  const outputs = [{ name: 'out', dtype: 'float32', shape }];
  return new Scores({ outputs, metadata: {}, outputIsProbability: true }, batch);
}

test.each([
  ['several inputs', { inputs: [] }, /got 0 inputs/],
  ['a map as output', { output: { shape: [1, 8, 8, 2] } }, /no classifier/],
  ['integer outputs', { output: { dtype: 'int64' } }, /no classifier/],
] as const)('%s is refused', (_, rest, message) => {
  expect(() => new Classifier(fakeModel({}, new Float32Array(2), rest))).toThrow(message);
});
