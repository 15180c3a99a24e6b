import { RunError } from '../errors.ts';

/** What holds a file's bytes, or will. */
export type BytesSource = Uint8Array | ArrayBuffer | Response;

export function isBytesSource(source: unknown): source is BytesSource {
  return (
    source instanceof Uint8Array ||
    source instanceof ArrayBuffer ||
    (typeof Response !== 'undefined' && source instanceof Response)
  );
}

/** @throws RunError on what callers without types may take for a source */
export function checkSource(source: unknown): void {
  if (typeof source === 'string' || source instanceof URL || isBytesSource(source)) return;
  throw new RunError({
    where: 'load()',
    got: source === null ? 'null' : `a value of the type ${typeof source}`,
    expected: 'a path or URL, a Uint8Array or ArrayBuffer, or a Response',
    advice: 'pass one of them',
  });
}

/**
 * The bytes behind a URL, a Response or a buffer.
 * @throws RunError where the server does not answer with the file
 */
export async function readBytes(source: string | URL | BytesSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  const response = source instanceof Response ? source : await fetchFrom(String(source));
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  throw new RunError({
    where: response.url === '' ? 'the response' : response.url,
    got: `HTTP status ${response.status}`,
    expected: '200 and a TFLite or ONNX file',
    advice: 'check the address',
  });
}

async function fetchFrom(url: string): Promise<Response> {
  try {
    return await fetch(url);
  } catch (error) {
    throw new RunError({
      where: url,
      got: error instanceof Error ? error.message : String(error),
      expected: 'an answer',
      advice: 'check the address, the network, and that the server allows this page to read it',
    });
  }
}
