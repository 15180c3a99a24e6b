import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as `npm run build` made it. */
export function microjoule(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** The JSON of a command that succeeds. */
export async function json(...args: string[]) {
  const { status, stdout, stderr } = await microjoule(...args, '--json');
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The one line in which a command says why it cannot. */
export async function cause(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await microjoule(...args);
  if (status !== 1 || stdout !== '' || !/^[^\n]+\n$/.test(stderr))
    throw new Error(`status ${status}\n${stdout}\n${stderr}`);
  return stderr.trim();
}
