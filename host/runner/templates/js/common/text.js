// Text as bytes, in UTF-8: the engine has no TextEncoder and no TextDecoder.

/** A text as UTF-8. */
export function toBytes(text) {
  // The bytes as characters, which is what `unescape` gives.
  const bytes = unescape(encodeURIComponent(text.toWellFormed()));
  return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
}

/** UTF-8 as a text. Throws a URIError for bytes that are none. */
export function toText(bytes) {
  let characters = '';
  // In parts, as a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 4096) {
    characters += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return decodeURIComponent(escape(characters));
}
