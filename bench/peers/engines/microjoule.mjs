/** microjoule itself, from a build: the file for pages, or the one for Node. */

/**
 * @param module where the build lies, a URL
 * @param binary 'baseline', or whatever load() takes by itself
 */
export async function load(bytes, { module, threads, binary }) {
  const api = await import(module);
  const model = await api.load(bytes, { threads, binary });
  const facts = { binary: model.binary };
  if (model.threads !== undefined) facts.threads = model.threads;
  if (api.capabilities !== undefined) facts.capabilities = await api.capabilities();
  return { facts, run: (data) => model.run(data) };
}
