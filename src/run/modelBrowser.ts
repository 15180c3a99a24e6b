import { Classifier, type ClassifyOptions } from '../image/classify.ts';
import { type BrowserImage, toPixels } from '../image/imageBrowser.ts';
import type { Classification } from '../image/scores.ts';
import { type Capabilities, findCapabilities } from './capabilities.ts';
import { type LoadOptions, loadBytes } from './load.ts';
import { Model } from './model.ts';
import { type BytesSource, checkSource, isBytesSource, readBytes } from './source.ts';
import { browserWorkers } from './workersBrowser.ts';

/** A model in a page. */
export class BrowserModel extends Model {
  /**
   * The most probable classes of a picture, brought to the model's size where it has another.
   * @throws RunError where the model is no classifier of pictures, or neither the file nor the
   *   options say how pixels become numbers
   */
  async classify(image: BrowserImage, options: ClassifyOptions = {}): Promise<Classification[]> {
    const classifier = new Classifier(this, options);
    const { applied } = classifier;
    return classifier.classify(toPixels(image, applied, applied), options.topK);
  }
}

export interface BrowserLoadOptions extends LoadOptions {
  /**
   * The address of dist/microjoule.worker.js, for pages whose policy (CSP) forbids workers from
   * `blob:` addresses.
   */
  readonly workerUrl?: string | URL | undefined;
}

/**
 * Loads a TFLite or ONNX model.
 * @param source a URL, the bytes, or a fetch's Response
 * @throws RunError where the source cannot be read
 * @throws ModelError where the file is broken or needs more than there is
 * @throws PlanError where it does not fit the limits
 */
export async function load(
  source: string | URL | BytesSource,
  options: BrowserLoadOptions = {},
): Promise<BrowserModel> {
  checkSource(source);
  const name = isBytesSource(source) ? 'the model' : String(source).replace(/^.*\//, '');
  const workers = browserWorkers(options.workerUrl);
  return loadBytes(await readBytes(source), { name, ...options }, BrowserModel, workers);
}

/** What this page in this browser on this machine can do. */
export function capabilities(): Promise<Capabilities> {
  return findCapabilities(browserWorkers(), globalThis.crossOriginIsolated === true);
}
