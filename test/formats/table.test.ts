import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** The modules that are evaluated when a bundle of `entry` is imported: what `import()` names is not. */
async function evaluatedBy(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: 'build/never',
    write: false,
    metafile: true,
  });
  const { outputs } = metafile;
  const reached = new Set(
    Object.keys(outputs).filter((path) => outputs[path]!.entryPoint === entry),
  );
  for (const path of reached) {
    for (const { path: next, kind } of outputs[path]!.imports)
      if (kind === 'import-statement') reached.add(next);
  }
  return [...reached].flatMap((path) => Object.keys(outputs[path]!.inputs));
}

test('a page evaluates what reads ONNX files only where it reads one', async () => {
  const modules = await evaluatedBy('src/browser/index.ts');
  expect(modules).toContain('src/formats/tflite/read.ts');
  expect(modules).toContain('src/formats/onnx/sniff.ts');
  expect(modules.filter((path) => /protobuf|onnx_pb|onnx\/read/.test(path))).toEqual([]);
});
