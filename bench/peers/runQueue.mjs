import { readdirSync, readFileSync } from 'node:fs';

/**
 * How long the engines wanted to run and could not, as Linux counts it: the calibration loop is
 * shorter than a slice of time and may run between two that somebody else had.
 */
export function runQueue() {
  return { waitedMs: () => sum(processesBelow(process.pid).map(waitedMsOf)) };
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** A process file's text; it may have ended, and other systems have none. */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The process and all that it started, the browser's pages among them. */
function processesBelow(root) {
  const children = new Map();
  for (const pid of processes()) {
    // The name, which stands in brackets, may hold anything.
    const parent = Number(/^.*\) \S+ (\d+)/s.exec(read(`/proc/${pid}/stat`))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = [root];
  // A loop over an array reaches what is added on the way.
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function processes() {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Of the main thread, which drives the engine: time in the queue, the second number. */
function waitedMsOf(pid) {
  const [, waitedNs = 0] = read(`/proc/${pid}/schedstat`).trim().split(' ');
  return Number(waitedNs) / 1e6;
}
