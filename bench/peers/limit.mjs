const limitMs = 120_000;

/** The promise's value. @throws Error where there is none within two minutes: an engine hangs */
export function withinLimit(promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    const expired = () => reject(new Error(`no result within ${limitMs / 1000} s`));
    timer = setTimeout(expired, limitMs);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
