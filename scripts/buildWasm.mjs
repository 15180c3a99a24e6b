// Compiles assembly/ twice: build/kernels.wasm (SIMD128) and build/kernels.relaxed.wasm.
import { mkdirSync } from 'node:fs';
import asc from 'assemblyscript/asc';

mkdirSync('build', { recursive: true });
for (const target of ['baseline', 'relaxed']) {
  const { error, stderr } = await asc.main(['--config', 'asconfig.json', '--target', target]);
  if (error) {
    process.stderr.write(stderr.toString());
    throw error;
  }
}
