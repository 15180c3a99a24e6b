import { baseStyle } from '../page/style.ts';

/** The look of a report's page. */
export const pageStyle = `${baseStyle}
:root {
  --relaxedQuads: #8a3ffc; --relaxedPairs: #0b62c4; --relaxedTwoPairs: #00695c; --relaxedMaskedPairs: #6d4c41; --relaxedPairsI16: #4a7a00;
  --dotI16: #b8500a; --addI16: #6b7a00; --f32: #c2185b;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --relaxedQuads: #be95ff; --relaxedPairs: #6cb0ff; --relaxedTwoPairs: #3ddbd9; --relaxedMaskedPairs: #d7ccc8; --relaxedPairsI16: #a5d65a;
    --dotI16: #ffab6b; --addI16: #c9d65a; --f32: #ff7eb6;
  }
}
figure { margin: 0.5rem 0 0; min-height: 320px; }
.legend { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 0.25rem 1.5rem;
  margin: 0.75rem 0 0; padding: 0; list-style: none; font-size: 0.875rem; }
.legend li { display: grid; grid-template-columns: 1.5rem 1fr auto; gap: 0 0.5rem; align-items: center; align-content: start; }
.legend i { height: 0; border-top: 3px solid currentColor; }
.legend i.load { border-top: 2px dashed; opacity: 0.6; }
.legend small { grid-column: 2 / -1; color: var(--quiet); line-height: 1.3; }
.legend b { font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody tr:not([data-pick]) { color: var(--quiet); }
.pick { color: var(--accent); font-weight: 700; }
td.shape, td.kernel { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: 0.78rem; }
.networks { color: var(--quiet); }
@media screen and (max-width: 45rem) {
  td.shape { white-space: normal; min-width: 8.5rem; }
}
@media print {
  td.shape, td.kernel { font-size: 6.5pt; }
}
`;
