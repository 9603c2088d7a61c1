// Text as bytes, in UTF-8: the engine has no TextEncoder.

/** A text as UTF-8. */
export function toBytes(text) {
  // The bytes as characters, which is what `unescape` gives.
  const bytes = unescape(encodeURIComponent(text.toWellFormed()));
  return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
}
