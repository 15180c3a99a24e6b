import { baseStyle } from '../page/style.ts';
import type { Cause } from './price.ts';

/** What the causes of energy are called in pages. */
export const causeNames: Readonly<Record<Cause, string>> = {
  macs: 'MACs',
  otherOps: 'other operations',
  weights: 'weights',
  inputs: 'inputs',
  partialSums: 'partial sums',
  outputs: 'outputs',
};

/** Colours of Okabe and Ito, which most who confuse colours tell apart. */
export const pageStyle = `${baseStyle}
:root {
  --macs: #0072b2; --otherOps: #56b4e9; --weights: #d55e00; --inputs: #e69f00;
  --partialSums: #cc79a7; --outputs: #009e73;
}
h1 { overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(13.5rem, 1fr)); gap: 0.75rem;
  margin: 1rem 0 0; }
.tiles div { padding: 0.7rem 0.9rem; border: 1px solid var(--line); border-radius: 8px; background: var(--stripe); }
.tiles dt { color: var(--quiet); font-size: 0.8125rem; }
.tiles dd { margin: 0; font-variant-numeric: tabular-nums; }
.tiles b { font-size: 1.35rem; font-weight: 650; white-space: nowrap; }
.tiles span { color: var(--quiet); font-size: 0.875rem; white-space: nowrap; }
.tiles small { display: block; color: var(--quiet); line-height: 1.35; }
.causes { display: flex; flex-wrap: wrap; gap: 0.3rem 1.4rem; margin: 0.5rem 0; padding: 0; list-style: none;
  font-size: 0.875rem; }
.causes li { display: flex; gap: 0.4rem; align-items: center; white-space: nowrap; }
.causes svg { border: 1px solid var(--line); }
.causes b { font-weight: 600; font-variant-numeric: tabular-nums; }
.causes small { color: var(--quiet); }
.patterns { position: absolute; }
.hatch { stroke: #fff; stroke-width: 1.1; fill: none; opacity: 0.75; }
.hatch circle { fill: #fff; stroke: none; }
figure { margin: 0.5rem 0 0; min-height: 120px; }
tr.own { font-weight: 600; }
#assumptions th { padding: 0.45rem 0.6rem; }
#assumptions td { white-space: normal; }
#assumptions td.number { white-space: nowrap; }
td.name, td.kernel { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: 0.75rem; }
td.kernel { color: var(--quiet); }
@media screen and (max-width: 45rem) {
  td.name { white-space: normal; min-width: 8rem; overflow-wrap: anywhere; }
  #assumptions :is(td, th):is(:nth-child(2), :nth-child(4)) { display: none; }
  .causes { display: grid; grid-template-columns: 1fr; }
}
@media print {
  .tiles div { break-inside: avoid; background: none; }
  figure svg { max-height: 24cm; width: auto; }
  rect, .causes svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  td.name, td.kernel { font-size: 6pt; overflow-wrap: anywhere; }
  td.kernel, th.kernel { display: none; }
  h2 { break-after: avoid; }
}
`;
