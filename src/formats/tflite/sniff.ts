const identifier = [...'TFL3'].map((letter) => letter.charCodeAt(0));

/** Whether the bytes claim to be a TFLite file. */
export function sniffTflite(bytes: Uint8Array): boolean {
  return identifier.every((code, i) => bytes[4 + i] === code);
}
