import { workerScript } from './workerScript.ts';
import type { Worker, Workers } from './workers.ts';

/** The script of such a worker; dist/microjoule.worker.js holds it too. */
export const browserWorkerScript = `const port = self;${workerScript}`;

/** Workers of a page, from a script of the library's own or from one at an address of the page's. */
export function browserWorkers(workerUrl?: string | URL): Workers {
  return {
    cores: navigator.hardwareConcurrency ?? 1,
    whyNot() {
      if (typeof globalThis.Worker === 'undefined') return 'there are no workers here';
      if (typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated) {
        return undefined;
      }
      return 'the page is not isolated (it wants the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp)';
    },
    start: () => (workerUrl === undefined ? startInline() : wrap(new globalThis.Worker(workerUrl))),
  };
}

function startInline(): Worker {
  const script = new Blob([browserWorkerScript], { type: 'text/javascript' });
  const url = URL.createObjectURL(script);
  const worker = wrap(new globalThis.Worker(url, { name: 'microjoule' }));
  return {
    ...worker,
    listen(onMessage, onEnd) {
      worker.listen((message) => {
        URL.revokeObjectURL(url);
        onMessage(message);
      }, onEnd);
    },
  };
}

function wrap(worker: globalThis.Worker): Worker {
  return {
    listen(onMessage, onEnd) {
      worker.onmessage = ({ data }) => onMessage(data);
      worker.onmessageerror = () => onEnd('it could not read its task');
      // A script that may not be loaded is an error without a message.
      worker.onerror = ({ message }) =>
        onEnd(message || "its script was refused (the page's policy forbids it: see workerUrl)");
    },
    post: (task) => worker.postMessage(task),
    end: () => worker.terminate(),
  };
}
