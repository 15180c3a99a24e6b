/** The look of the pages that the commands write: light and dark, wide and narrow, on paper. */
export const baseStyle = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2127; --quiet: #5d6873; --line: #dde2e7; --stripe: #f6f8fa;
  --accent: #0b62c4; --bar: #cfe3fb; --wrong: #c62828;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --ink: #e4e8ec; --quiet: #97a3af; --line: #2d353d; --stripe: #1a2027;
    --accent: #6cb0ff; --bar: #1d3a5c; --wrong: #ff8389;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 2rem) 3rem; max-width: 82rem;
  background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
}
h1 { margin: 0 0 0.25rem; font-size: 1.5rem; line-height: 1.2; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.1rem; }
p { margin: 0 0 0.5rem; }
.facts, .note { color: var(--quiet); font-size: 0.875rem; }
figure svg { display: block; max-width: 100%; height: auto; }
.controls { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; align-items: center; margin: 0 0 0.75rem; }
.controls input[type='search'] { flex: 1 1 14rem; max-width: 24rem; padding: 0.45rem 0.7rem; font: inherit;
  color: inherit; background: var(--stripe); border: 1px solid var(--line); border-radius: 6px; }
.controls label { display: flex; gap: 0.4rem; align-items: center; }
.controls output { color: var(--quiet); font-size: 0.875rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.scroll { overflow: auto; max-height: 85vh; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.6rem; text-align: left; white-space: nowrap; }
td { border-top: 1px solid var(--line); }
th { position: sticky; top: 0; background: var(--stripe); font-weight: 600; padding: 0; }
th button { width: 100%; padding: 0.45rem 0.6rem; font: inherit; color: inherit; text-align: inherit;
  background: none; border: 0; cursor: pointer; white-space: nowrap; }
th button::after { content: '\\a0\\2195'; opacity: 0.3; }
th[aria-sort='ascending'] button::after { content: '\\a0\\2191'; opacity: 1; }
th[aria-sort='descending'] button::after { content: '\\a0\\2193'; opacity: 1; }
.number { text-align: right; }
tbody tr:hover { background: var(--stripe); }
td.share { min-width: 6.5rem; background: linear-gradient(90deg, var(--bar) var(--share), transparent var(--share))
  no-repeat 0 50% / 100% 1.3rem; background-clip: content-box; }
.wrong { color: var(--wrong); font-weight: 600; }
.narrow { display: none; }
@media screen and (max-width: 45rem) {
  body { padding-top: 1rem; }
  .wide { display: none; }
  .narrow { display: block; color: var(--quiet); }
  th button, td { padding-left: 0.4rem; padding-right: 0.4rem; }
  th button::after { content: ''; }
  th button { white-space: normal; }
  td.share { min-width: 3.5rem; }
}
@media print {
  body { padding: 0; max-width: none; font-size: 10pt; }
  .controls, th button::after { display: none; }
  .scroll { overflow: visible; max-height: none; border: 0; }
  table { font-size: 7pt; }
  th, td { padding: 0.1rem 0.3rem; position: static; white-space: normal; }
  th button { padding: 0.1rem 0; }
  td.share { background-size: 100% 1.2em; }
  tr { break-inside: avoid; }
  td.share { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure { break-inside: avoid; }
}
`;
