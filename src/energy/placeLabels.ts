/** A mark of a chart and its name, pixels. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  /** Of the mark. */
  readonly radius: number;
  /** Of the name. */
  readonly width: number;
}

/** Where a name stands beside its mark. */
export interface Place {
  readonly anchor: 'start' | 'end';
  readonly dy: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Of the pages' 12 pixel font. */
const lineHeight = 14;

/**
 * Places names above or below their marks so that none covers another or a mark, the first ones
 * first; undefined for one that has no room.
 */
export function placeLabels(
  marks: readonly Labelled[],
  { left, right }: { readonly left: number; readonly right: number },
): (Place | undefined)[] {
  const taken = marks.map(({ x, y, radius }): Box => around(x, y, radius));
  return marks.map((mark, own) => {
    const place = placesOf(mark).find((candidate) => {
      const box = boxOf(mark, candidate);
      const isFree = taken.every((other, i) => i === own || !overlap(box, other));
      return isFree && box.left >= left && box.right <= right;
    });
    if (place !== undefined) taken.push(boxOf(mark, place));
    return place;
  });
}

/** The preferred one first. */
function placesOf({ radius }: Labelled): Place[] {
  const near = radius + 0.5 * lineHeight;
  const offsets = [-near, near, -near - lineHeight, near + lineHeight];
  return offsets.flatMap((dy): Place[] => [
    { anchor: 'start', dy },
    { anchor: 'end', dy },
  ]);
}

function boxOf({ x, y, width }: Labelled, { anchor, dy }: Place): Box {
  const left = anchor === 'start' ? x : x - width;
  const half = 0.5 * lineHeight;
  return { left, right: left + width, top: y + dy - half, bottom: y + dy + half };
}

function around(x: number, y: number, radius: number): Box {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
