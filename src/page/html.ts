/** Text that cannot become markup. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** JSON that cannot end the script element that it stands in. */
export function embed(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
