import { availableParallelism } from 'node:os';
import { Worker as NodeWorker } from 'node:worker_threads';
import { workerScript } from './workerScript.ts';
import type { Worker, Workers } from './workers.ts';

const script = `const { parentPort: port } = require('node:worker_threads');${workerScript}`;

/** Threads of Node. They do not keep a process alive. */
export const nodeWorkers: Workers = {
  cores: availableParallelism(),
  whyNot: () => undefined,
  start(): Worker {
    // Without the process's own flags: with --input-type=module the script would be no script.
    const worker = new NodeWorker(script, { eval: true, execArgv: [], name: 'microjoule' });
    let isEnded = false;
    return {
      listen(onMessage, onEnd) {
        worker.on('message', onMessage);
        worker.on('error', (error) => onEnd(String(error)));
        worker.on('exit', (code) => {
          if (!isEnded) onEnd(`exit with code ${code}`);
        });
        // Now, since listening to messages keeps the process alive.
        worker.unref();
      },
      post: (task) => worker.postMessage(task),
      end() {
        isEnded = true;
        void worker.terminate();
      },
    };
  },
};
