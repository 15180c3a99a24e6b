import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load, ModelError, PlanError, RunError } from '../../src/index.ts';
import { supports } from '../../src/kernels/binaries.ts';

const path = 'models/fashion-mnist.onnx';
const file = readFileSync(path);

let folder: string;
let server: Server;
let address: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'microjoule-load-'));
  server = createServer(({ url }, response) => {
    if (url === '/net.onnx?v=1') response.end(file);
    else if (url === '/page.html') response.end('<!doctype html><title>Not here</title>');
    else response.writeHead(404).end('no');
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  server.close();
});

function write(name: string, content: string | Uint8Array): string {
  const to = join(folder, name);
  writeFileSync(to, content);
  return to;
}

test('a path, a URL, bytes, a Response: all are the same model', async () => {
  const plain = new Uint8Array(file);
  const inTheMiddle = new Uint8Array(file.length + 8);
  inTheMiddle.set(file, 4);
  const sources = [
    path,
    resolve(path),
    pathToFileURL(path),
    String(pathToFileURL(path)),
    `${address}/net.onnx?v=1`,
    new URL(`${address}/net.onnx?v=1`),
    file,
    plain,
    plain.buffer,
    inTheMiddle.subarray(4, 4 + file.length),
    new Response(plain),
    await fetch(`${address}/net.onnx?v=1`),
  ];
  const input = Uint8Array.from({ length: 784 }, (_, i) => 30 * (i % 7));
  const results = [];
  for (const source of sources) {
    const model = await load(source);
    results.push(Array.from(model.run(input) as Float32Array));
  }
  for (const result of results) expect(result).toEqual(results[0]);
});

test('a model is called by its file, or as it is told', async () => {
  expect((await load(path)).name).toBe('fashion-mnist.onnx');
  expect((await load(pathToFileURL(path))).name).toBe('fashion-mnist.onnx');
  expect((await load(`${address}/net.onnx?v=1`)).name).toBe('net.onnx');
  expect((await load(file)).name).toBe('the model');
  expect((await load(file, { name: 'net' })).name).toBe('net');
});

test('the caller’s bytes stay the caller’s', async () => {
  const bytes = new Uint8Array(file);
  const model = await load(bytes);
  expect(bytes).toEqual(new Uint8Array(file));
  const input = new Uint8Array(784).fill(100);
  const before = (model.run(input) as Float32Array).slice();
  bytes.fill(0);
  expect(model.run(input)).toEqual(before);
});

test('what cannot be read is a RunError that says why', async () => {
  const missing = join(folder, 'missing.onnx');
  await expect(load(missing)).rejects.toThrow(RunError);
  await expect(load(missing)).rejects.toThrow(`${missing}: got no such file, expected a TFLite or`);
  await expect(load(pathToFileURL(missing))).rejects.toThrow('got no such file');
  await expect(load(folder)).rejects.toThrow(RunError);
  await expect(load(folder)).rejects.toThrow('got a folder');
  await expect(load('')).rejects.toThrow(RunError);
  await expect(load(`${address}/other.onnx`)).rejects.toThrow('got HTTP status 404');
  await expect(load(new Response('no', { status: 500 }))).rejects.toThrow('got HTTP status 500');
  await expect(load('http://127.0.0.1:1/net.onnx')).rejects.toThrow(RunError);
});

test('what is no model is a ModelError that says what it is', async () => {
  const text = write('text.onnx', 'The quick brown fox jumps over the lazy dog.\n');
  const empty = write('empty.tflite', '');
  const zeros = write('zeros.onnx', new Uint8Array(1000));
  const half = write('half.onnx', file.subarray(0, file.length >> 1));
  await expect(load(empty)).rejects.toThrow('empty.tflite: got an empty file, expected a TFLite');
  await expect(load(`${address}/page.html`)).rejects.toThrow(ModelError);
  for (const path of [text, empty, zeros, half, 'models/samples/00-ankle-boot.png']) {
    await expect(load(path), path).rejects.toThrow(ModelError);
  }
});

test('what is no source at all is an error that says what is expected', async () => {
  // What callers without types may pass.
  for (const source of [undefined, null, 5, {}, [1, 2, 3]]) {
    await expect(load(source as unknown as string), String(source)).rejects.toThrow(RunError);
  }
});

test('a binary that is none, or that this engine cannot run, is refused', async () => {
  // What callers without types may pass.
  const fast = load(path, { binary: 'fast' as 'baseline' });
  await expect(fast).rejects.toThrow(PlanError);
  await expect(fast).rejects.toThrow("option binary: got 'fast', expected 'auto' or");
  const relaxed = load(path, { binary: 'relaxed' });
  if (supports('relaxed')) expect((await relaxed).binary).toBe('relaxed');
  else
    await expect(relaxed).rejects.toThrow("got 'relaxed', expected 'auto' or 'baseline' on this");
});

test('a broken file is told of before an engine that lacks the binary', async () => {
  const broken = load(new Uint8Array(8), { binary: 'relaxed' });
  await expect(broken).rejects.toBeInstanceOf(ModelError);
});
