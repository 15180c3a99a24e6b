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
  return { facts: () => factsOf(model), run: (data) => model.run(data) };
}

/** Older builds lack some. */
async function factsOf({ binary, threads, threadsWhy }) {
  return { binary, threads, threadsWhy, capabilities: await api.capabilities?.() };
}
