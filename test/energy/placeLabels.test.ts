import { expect, test } from 'vitest';
import { placeLabels } from '../../src/energy/placeLabels.ts';

const room = { left: 0, right: 1000 };
const mark = (x: number, y: number, text: string) => ({ x, y, radius: 5, width: 7 * text.length });

test('a name alone stands above its mark, and begins there', () => {
  expect(placeLabels([mark(100, 100, 'one')], room)).toEqual([{ anchor: 'start', dy: -12 }]);
});

test('at the right edge it ends there', () => {
  expect(placeLabels([mark(990, 100, 'one')], room)).toEqual([{ anchor: 'end', dy: -12 }]);
});

test('names of neighbours make room for each other', () => {
  const marks = [mark(500, 100, 'the first of them'), mark(530, 102, 'the second of them')];
  expect(placeLabels(marks, room)).toEqual([
    { anchor: 'start', dy: -12 },
    { anchor: 'start', dy: 12 },
  ]);
});

test('a name covers no mark', () => {
  const marks = [mark(500, 100, 'a long name'), mark(540, 88, 'b')];
  expect(placeLabels(marks, room)[0]).toEqual({ anchor: 'end', dy: -12 });
});

test('where there is no room there is no name', () => {
  const crowd = Array.from({ length: 12 }, (_, i) => mark(500 + i, 100, 'all at one place'));
  const places = placeLabels(crowd, room);
  expect(places[0]).toBeDefined();
  expect(places.at(-1)).toBeUndefined();
});
