// npm run generate:ternary: docs/ternary.svg and the tables of docs/ternary.md, from
// bench/results/ternary-speed.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { fromRoot } from './peers/paths.mjs';
import { resultFolder } from './peers/results.mjs';
import { median } from './peers/statistics.mjs';

const between = /(<!-- ternary: npm run generate:ternary -->\n)[\s\S]*?(<!-- \/ternary -->)/;

/** In the order of columns and of the legend. */
const classes = ['unsigned', 'saturating', 'baseline'];

export function readSpeed() {
  return JSON.parse(readFileSync(`${resultFolder}/ternary-speed.json`, 'utf8'));
}

/** docs/ternary.md with its tables made anew. */
export function withTables(text, speed) {
  if (!between.test(text))
    throw new Error('the page lacks the comments that the tables stand between');
  return text.replace(between, (_, start, end) => `${start}\n${tables(speed)}\n\n${end}`);
}

function tables(speed) {
  const { cpu, node, instructions = [] } = speed.machine;
  const facts = `${speed.date.slice(0, 10)}; ${cpu} (${instructions.join(', ')}); Node ${node}; one thread; onnxruntime-node ${speed.onnxruntime}.`;
  return [`**${facts}**`, layerTable(speed), networkTable(speed)].join('\n\n');
}

function known(speed) {
  return classes.filter((name) => name in speed.classes);
}

function layerTable(speed) {
  const names = known(speed);
  const head = ['layer', ...names.map((name) => `${name}: GMAC/s, and times int8`)];
  const rows = shapesOf(speed).map((shape) => [
    shape,
    ...names.map((name) => {
      const { pick, int8 } = layerOf(speed, name, shape);
      const ratio =
        int8 && pick.kernel !== int8.kernel ? `, ${(pick.gmacs / int8.gmacs).toFixed(2)}x` : '';
      return `${pick.gmacs.toFixed(0)}${ratio}${isTernary(pick) ? '' : ' (int8 kernel)'}`;
    }),
  ]);
  return markdown(head, rows);
}

function networkTable(speed) {
  const names = known(speed);
  const head = ['MobileNetV1 1.0 224', ...names];
  const titles = speed.classes[names[0]].networks.map(({ title }) => title);
  const rows = titles.map((title, i) => [
    title,
    ...names.map((name) => {
      const list = speed.classes[name].networks;
      // Against ours with 80 % zeros, in the same round.
      const ratio = median(list[i].samples.map((ms, round) => ms / list[2].samples[round]));
      return `${list[i].medianMs.toFixed(2)} ms${i === 2 ? '' : `, ${ratio.toFixed(2)} of 80 %`}`;
    }),
  ]);
  return markdown(head, rows);
}

function markdown(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map(line).join('\n');
}

function shapesOf(speed) {
  return speed.classes[known(speed)[0]].layers.map(({ shape }) => shape);
}

function layerOf(speed, name, shape) {
  return speed.classes[name].layers.find((layer) => layer.shape === shape);
}

function isTernary({ kernel }) {
  return kernel.includes('t2_');
}

const width = 760;
const labelWidth = 190;
const rowHeight = 22;

/** Times the int8 kernel of the same class: of layers with half the weights 0, and by the share of zeros. */
export function chart(speed) {
  const names = known(speed);
  const layers = shapesOf(speed).filter(
    (shape) => /50 % zeros$/.test(shape) && /^(conv 1x1|fc)/.test(shape),
  );
  const top = 74;
  const bottom = top + layers.length * rowHeight;
  const most = 3.5;
  const x = (ratio) => labelWidth + (ratio / most) * (width - labelWidth - 30);
  const ticks = [0, 1, 2, 3].map(
    (tick) =>
      `<line class="${tick === 1 ? 'one' : 'grid'}" x1="${x(tick)}" y1="${top - 6}" x2="${x(tick)}" y2="${bottom}"/>
  <text class="small" x="${x(tick)}" y="${bottom + 18}" text-anchor="middle">${tick}x</text>`,
  );
  const rows = layers.map((shape, i) => {
    const y = top + (i + 0.5) * rowHeight;
    const dots = names.map((name) => {
      const { pick, int8 } = layerOf(speed, name, shape);
      const ratio = pick.gmacs / int8.gmacs;
      return `<circle class="${name}" cx="${round(x(ratio))}" cy="${y}" r="5"><title>${name}: ${ratio.toFixed(2)}x</title></circle>`;
    });
    return `<text x="${labelWidth - 10}" y="${y + 5}" text-anchor="end">${labelOf(shape)}</text>\n  ${dots.join('')}`;
  });
  const second = bottom + 60;
  const height = second + 236;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="14" role="img" aria-label="How many times as fast as int8 kernels ternary layers are, by layer and by the share of zeros">
  <style>
    text { fill: #222 } .small { font-size: 12px; fill: #555 } .grid { stroke: #ddd } .one { stroke: #777; stroke-width: 1.5 }
    .unsigned { fill: #2f7d32; stroke: #2f7d32 } .saturating { fill: #2a6fbb; stroke: #2a6fbb } .baseline { fill: #b5482a; stroke: #b5482a }
    path { stroke-width: 2 }
    @media (prefers-color-scheme: dark) {
      text { fill: #eee } .small { fill: #bbb } .grid { stroke: #444 } .one { stroke: #999 }
      .unsigned { fill: #7cc47f; stroke: #7cc47f } .saturating { fill: #6aa9ee; stroke: #6aa9ee } .baseline { fill: #f0906f; stroke: #f0906f }
    }
  </style>
  <text class="small" x="${labelWidth - 10}" y="50" text-anchor="end">pixels x inputs x outputs</text>
  <text x="20" y="26" font-weight="600">1x1 layers with half the weights 0: times as fast as the int8 kernel of the same class</text>
  ${legend(names, 50)}
  ${ticks.join('\n  ')}
  ${rows.join('\n  ')}
  <text x="20" y="${second}" font-weight="600">196 pixels, 512 to 512 channels, by the share of zeros</text>
  ${zerosPlot(speed, names, second + 16)}
</svg>
`;
}

function legend(names, y) {
  return names
    .map((name, i) => {
      const at = labelWidth + i * 130;
      return `<circle class="${name}" cx="${at + 5}" cy="${y - 5}" r="5"/><text x="${at + 17}" y="${y}">${name}</text>`;
    })
    .join('');
}

/** Pixels, inputs, outputs. */
function labelOf(shape) {
  const map = /(\d+)x(\d+)x(\d+) to (\d+)/.exec(shape);
  if (map) return `${map[1] * map[2]} x ${map[3]} x ${map[4]}`;
  const [, inputs, outputs] = /fc (\d+) to (\d+)/.exec(shape);
  return `1 x ${inputs} x ${outputs}`;
}

function zerosPlot(speed, names, top) {
  const shapes = shapesOf(speed).filter((shape) => /1x1 s1 14x14x512 to 512/.test(shape));
  const zerosOf = (shape) => Number(/(\d+) % zeros/.exec(shape)[1]);
  const height = 170;
  const x = (zeros) => labelWidth + ((zeros - 50) / 45) * (width - labelWidth - 60);
  const y = (ratio) => round(top + height - (Math.log2(ratio) / 4) * height);
  const grid = [1, 2, 4, 8, 16].map(
    (tick) =>
      `<line class="${tick === 1 ? 'one' : 'grid'}" x1="${labelWidth}" y1="${y(tick)}" x2="${width - 30}" y2="${y(tick)}"/>
  <text class="small" x="${labelWidth - 10}" y="${y(tick) + 4}" text-anchor="end">${tick}x</text>`,
  );
  const labels = shapes.map(
    (shape) =>
      `<text class="small" x="${round(x(zerosOf(shape)))}" y="${top + height + 20}" text-anchor="middle">${zerosOf(shape)} %</text>`,
  );
  const lines = names.map((name) => {
    const points = shapes.map((shape) => {
      const { pick, int8 } = layerOf(speed, name, shape);
      return [round(x(zerosOf(shape))), y(pick.gmacs / int8.gmacs), pick.gmacs / int8.gmacs];
    });
    const path = points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${px} ${py}`).join(' ');
    const dots = points.map(
      ([px, py, ratio]) =>
        `<circle class="${name}" cx="${px}" cy="${py}" r="4"><title>${name}: ${ratio.toFixed(2)}x</title></circle>`,
    );
    const [, lastY, last] = points.at(-1);
    const label = `<text class="small" x="${width - 26}" y="${lastY + 4}">${last.toFixed(1)}</text>`;
    return `<path class="${name}" style="fill: none" d="${path}"/>${dots.join('')}${label}`;
  });
  return [...grid, ...labels, ...lines].join('\n  ');
}

function round(value) {
  return Math.round(10 * value) / 10;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const speed = readSpeed();
  const page = fromRoot('docs/ternary.md');
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), speed));
  writeFileSync(fromRoot('docs/ternary.svg'), chart(speed));
}
