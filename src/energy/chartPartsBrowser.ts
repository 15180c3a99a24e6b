/** What the charts of the pages share. */
export const style = { fontSize: '12px', background: 'none', overflow: 'visible' };
export const tipStyle = { fill: 'var(--paper)', lineHeight: 1.3 } as const;

/** In place of a chart. */
export function nothing(text: string): Element {
  const paragraph = document.createElement('p');
  paragraph.className = 'note';
  paragraph.textContent = text;
  return paragraph;
}

/** The ends of a name tell more than its middle. */
export function shorten(name: string, most: number): string {
  if (name.length <= most) return name;
  const tail = Math.ceil((most - 1) * 0.65);
  return `${name.slice(0, most - 1 - tail)}…${name.slice(-tail)}`;
}

/** Those of 1, 2, 5, 10, 20, ... and of 0.5, 0.2, ... that lie in the domain. */
export function ticksOf([low, high]: readonly [number, number]): number[] {
  const powers = Array.from({ length: 11 }, (_, i) => i - 4);
  const series = powers.flatMap((power) => [1, 2, 5].map((first) => Number(`${first}e${power}`)));
  const all = series.filter((value) => value >= low && value <= high);
  return all.length > 8 ? all.filter((value) => /^(1|0\.0*1)0*$/.test(String(value))) : all;
}
