import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';

/** Instructions that decide how fast 8-bit products are. */
const telling = ['avx2', 'avx_vnni', 'avx_vnni_int8', 'avx512_vnni', 'amx_int8', 'asimddp', 'i8mm'];

/** Takes AVX-VNNI from V8: an x86 engine then has the dot products that most machines have. */
export const withoutVnni = ['--no-enable-avx-vnni', '--no-enable-avx-vnni-int8'];

/** What a reader of the figures must know about the machine. */
export function machineFacts() {
  const [cpu] = os.cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.arch()}`,
    instructions: instructions(),
  };
}

/** Of those that the system tells: Linux alone. */
function instructions() {
  if (!existsSync('/proc/cpuinfo')) return undefined;
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
  const words = new Set(flags?.[1].trim().split(/\s+/));
  return telling.filter((name) => words.has(name));
}
