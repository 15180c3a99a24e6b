import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { RunError } from '../errors.ts';
import { Classifier, type ClassifyOptions } from '../image/classify.ts';
import { readImage } from '../image/imageNode.ts';
import type { Pixels } from '../image/pixels.ts';
import type { Classification } from '../image/scores.ts';
import { type Capabilities, findCapabilities } from './capabilities.ts';
import { type LoadOptions, loadBytes } from './load.ts';
import { Model } from './model.ts';
import { type BytesSource, checkSource, isBytesSource, readBytes } from './source.ts';
import { nodeWorkers } from './workersNode.ts';

/** A picture: a file's path or URL, its content, or pixels of the model's size. */
export type NodeImage = string | URL | Uint8Array | Pixels;

/** A model in Node. */
export class NodeModel extends Model {
  /**
   * The most probable classes of a picture.
   * @throws RunError where it is no picture, or the model no classifier of pictures, or neither the
   *   file nor the options say how pixels become numbers
   */
  async classify(image: NodeImage, options: ClassifyOptions = {}): Promise<Classification[]> {
    const classifier = new Classifier(this, options);
    const { applied } = classifier;
    const pixels = isPixels(image) ? image : await readImage(image, applied, applied);
    return classifier.classify(pixels, options.topK);
  }
}

function isPixels(image: NodeImage): image is Pixels {
  return typeof image === 'object' && 'channels' in image;
}

/**
 * Loads a TFLite or ONNX model.
 * @param source a file's path, a URL (file:, http:, https:), the bytes, or a fetch's Response
 * @throws RunError where the source cannot be read
 * @throws ModelError where the file is broken or needs more than there is
 * @throws PlanError where it does not fit the limits
 */
export async function load(
  source: string | URL | BytesSource,
  options: LoadOptions = {},
): Promise<NodeModel> {
  checkSource(source);
  const path = pathOf(source);
  const bytes =
    path === undefined ? await readBytes(source as URL | BytesSource) : await readPath(path);
  const name = options.name ?? (path === undefined ? nameOf(source) : basename(String(path)));
  return loadBytes(bytes, { ...options, name }, NodeModel, nodeWorkers);
}

function pathOf(source: string | URL | BytesSource): string | URL | undefined {
  if (isBytesSource(source)) return undefined;
  if (source instanceof URL) return source.protocol === 'file:' ? source : undefined;
  return /^https?:\/\//.test(source)
    ? undefined
    : source.startsWith('file:')
      ? new URL(source)
      : source;
}

function nameOf(source: string | URL | BytesSource): string {
  return isBytesSource(source) ? 'the model' : basename(new URL(source).pathname);
}

async function readPath(path: string | URL): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new RunError({
      where: String(path),
      got: code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder' : String(code),
      expected: 'a TFLite or ONNX file',
      advice: 'check the path',
    });
  }
}

/** What this engine on this machine can do. */
export function capabilities(): Promise<Capabilities> {
  return findCapabilities(nodeWorkers, true);
}
