/** microjoule itself, from a build: the file for pages, or the one for Node. */

let api;

/** @param module where the build lies, a URL; unless it is bundled with this, as it is for pages */
export async function prepare({ module }) {
  api = await (module === undefined ? import('microjoule') : import(module));
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
