/** microjoule itself, from a build: the file for pages, or the one for Node. */

let api;

/**
 * Fetches the build: a part of the script, as those of the peers are bundled into their adapters.
 * @param module where it lies, a URL
 */
export async function prepare({ module }) {
  api = await import(module);
}

/** @param binary 'baseline', or whatever load() takes by itself */
export async function load(bytes, { threads, binary }) {
  const model = await api.load(bytes, { threads, binary });
  const facts = { binary: model.binary };
  if (model.threads !== undefined) facts.threads = model.threads;
  if (api.capabilities !== undefined) facts.capabilities = await api.capabilities();
  return { facts, run: (data) => model.run(data) };
}
