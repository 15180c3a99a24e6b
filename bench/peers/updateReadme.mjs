// npm run generate:performance: writes the performance section of README.md from bench/results.
import { readFileSync, writeFileSync } from 'node:fs';
import { fromRoot } from './paths.mjs';
import { performanceSection } from './report.mjs';
import { readResults } from './results.mjs';

const path = fromRoot('README.md');
const between =
  /(<!-- performance: npm run generate:performance -->\n)[\s\S]*?(<!-- \/performance -->)/;

const text = readFileSync(path, 'utf8');
if (!between.test(text))
  throw new Error(`${path} lacks the comments that the section stands between`);
const section = performanceSection(readResults());
writeFileSync(
  path,
  text.replace(between, (_, start, end) => `${start}\n${section}\n\n${end}`),
);
