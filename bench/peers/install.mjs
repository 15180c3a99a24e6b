import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fromHere } from './paths.mjs';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Versions of the packages that are installed, by name. */
function installedOf(names) {
  const found = names.map((name) => [name, fromHere(`node_modules/${name}/package.json`)]);
  const there = found.filter(([, path]) => existsSync(path));
  return Object.fromEntries(there.map(([name, path]) => [name, readJson(path).version]));
}

/**
 * Installs the packages of package.json where one that is needed is missing or of another version.
 * Scripts are off: onnxruntime-node's fetches CUDA. Peer dependencies are as old as tfjs-tflite.
 * @param needed names of packages
 * @returns versions by name; what could not be installed is missing
 */
export function installPeers(needed) {
  const { dependencies } = readJson(fromHere('package.json'));
  const lacking = () => {
    const installed = installedOf(needed);
    return needed.filter((name) => installed[name] !== dependencies[name]);
  };
  if (lacking().length > 0) {
    console.error(`installing ${lacking().join(', ')} into bench/peers`);
    const flags = ['--ignore-scripts', '--legacy-peer-deps', '--no-package-lock'];
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
    spawnSync('npm', ['install', ...flags, ...quiet], { cwd: fromHere('.'), stdio: 'inherit' });
    for (const name of lacking()) console.error(`${name} is not installed: left out`);
  }
  return installedOf(needed);
}
