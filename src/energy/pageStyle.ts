import { baseStyle } from '../page/style.ts';

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
.together { white-space: nowrap; }
.warning { margin: 0.75rem 0 0; padding: 0.6rem 0.9rem; border: 1px solid var(--wrong); border-radius: 8px;
  font-weight: 600; }
figure [class*='swatches'] { font-size: 13px; }
.hatch { stroke: #fff; stroke-width: 1.1; fill: none; opacity: 0.75; }
.hatch circle { fill: #fff; stroke: none; }
figure { margin: 0.5rem 0 0; min-height: 120px; }
tr.own { font-weight: 600; }
#assumptions th { padding: 0.45rem 0.6rem; }
#assumptions td { white-space: normal; }
#assumptions td:is(.number, :nth-child(2)) { white-space: nowrap; }
#rows :is(th, td).name { position: sticky; left: 0; z-index: 1; background: var(--paper); }
#rows th.name { z-index: 2; background: var(--stripe); }
#rows tr:hover td.name { background: var(--stripe); }
#rows th button { white-space: normal; }
#rows td small { display: block; color: var(--quiet); font-size: 0.75rem; }
td.none { color: var(--quiet); }
td.name, td.kernel { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: 0.75rem; }
td.kernel { color: var(--quiet); }
@media screen and (max-width: 45rem) {
  td.name { white-space: normal; min-width: 8rem; overflow-wrap: anywhere; }
  #assumptions :is(td, th):is(:nth-child(2), :nth-child(4)) { display: none; }
  .causes { display: grid; grid-template-columns: 1fr; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.5rem; }
  .tiles div { padding: 0.5rem 0.7rem; }
  .tiles span { display: block; }
}
@media print {
  .tiles div { break-inside: avoid; background: none; }
  figure svg { max-height: 24cm; width: auto; }
  rect, .causes svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  #rows { font-size: 6.5pt; }
  #rows td.name { min-width: 8.5rem; font-size: 6pt; overflow-wrap: anywhere; }
  #rows td.share { min-width: 3.5rem; }
  #rows :is(th, td):is(.kernel, .screen) { display: none; }
  h2 { break-after: avoid; }
}
`;
