/** What a page begins with: it runs the charts' script, which stands there packed. */
export const unpack = `
const packed = Uint8Array.from(atob(document.getElementById('charts').textContent), (c) => c.charCodeAt(0));
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
new Response(stream).text().then((text) => {
  const script = document.createElement('script');
  script.textContent = text;
  document.body.append(script);
});`;
