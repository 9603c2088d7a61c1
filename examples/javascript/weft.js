// Channel ends as JavaScript has them: readers to loop over, writers to fill.
//
// A call of the host costs as much as copying kilobytes, so frames travel in batches here: `frames` takes
// all that are there, and a `Batch` sends what it holds when it is full or when the guest is about to wait.

import * as log from "weft:fabric/log@0.2.0";

/** Frames taken or sent in one call, at most. */
export const MAX_FRAMES = 4096;
/** Bytes of payload taken or sent in one call, at most; a longer frame travels alone. */
export const MAX_BYTES = 64 * 1024;

const batches = new Set();

/**
 * An entry point that fails with the text of what it throws, and logs where that was thrown. Without it
 * StarlingMonkey traps where anything but a string is thrown, and does not say what.
 */
export function entry(run) {
  return (...args) => {
    try {
      return run(...args);
    } catch (error) {
      if (error?.stack) write("error", String(error), { "exception.stacktrace": error.stack });
      throw reason(error);
    }
  };
}

// What the host refuses comes as the case of a variant, which is the exception's `payload`.
function reason(error) {
  if (typeof error === "string") return error;
  const refused = error?.payload ?? (error instanceof Error ? undefined : error);
  return refused === undefined ? String(error) : JSON.stringify(refused, (_, value) => (typeof value === "bigint" ? String(value) : value));
}

/** Gives frame after frame, as Uint8Array, until the end of the channel. Before a wait, open batches are sent. */
export function* frames(reader) {
  for (;;) {
    for (const batch of batches) batch.flush();
    const { ends, payload } = reader.readPacked(MAX_FRAMES, MAX_BYTES).frames;
    if (ends.length === 0) return;
    let start = 0;
    for (const end of ends) {
      yield payload.subarray(start, end);
      start = end;
    }
  }
}

/** Collects frames for a writer. `close` sends the last of them. */
export class Batch {
  /** Frames sent so far. */
  sent = 0;
  #writer;
  #ends = [];
  #payload = new Uint8Array(MAX_BYTES);
  #length = 0;

  constructor(writer) {
    this.#writer = writer;
    batches.add(this);
  }

  /** Adds a frame, and sends what came before it where there is no room for both. */
  send(frame) {
    if (this.#ends.length === MAX_FRAMES || this.#length + frame.length > MAX_BYTES) this.flush();
    if (frame.length > MAX_BYTES) {
      this.sent += this.#writer.writePacked(Uint32Array.of(frame.length), frame);
      return;
    }
    this.#payload.set(frame, this.#length);
    this.#length += frame.length;
    this.#ends.push(this.#length);
  }

  /** Sends what is there, waiting for room. */
  flush() {
    if (this.#ends.length === 0) return;
    // Emptied first: the frames of a call that fails are gone, not sent twice.
    const ends = Uint32Array.from(this.#ends);
    const payload = this.#payload.slice(0, this.#length);
    this.#ends = [];
    this.#length = 0;
    this.sent += this.#writer.writePacked(ends, payload);
  }

  /** Sends the last frames; no more can follow. */
  close() {
    this.flush();
    batches.delete(this);
  }
}

// QuickJS has no TextEncoder and TextDecoder; these two of its oldest functions do UTF-8.
const encoder = globalThis.TextEncoder && new TextEncoder();
const decoder = globalThis.TextDecoder && new TextDecoder("utf-8", { fatal: true });

/** A text as UTF-8. */
export function toBytes(text) {
  if (encoder) return encoder.encode(text);
  return Uint8Array.from(unescape(encodeURIComponent(text)), (char) => char.charCodeAt(0));
}

/** UTF-8 as a text. Throws what is no UTF-8 back. */
export function toText(bytes) {
  if (decoder) return decoder.decode(bytes);
  let text = "";
  // In parts, as a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return decodeURIComponent(escape(text));
}

/** Writes a warning to the process's log, with the fields of an object. */
export function warn(message, fields = {}) {
  write("warn", message, fields);
}

/** Writes a message to the process's log, with the fields of an object. */
export function info(message, fields = {}) {
  write("info", message, fields);
}

function write(level, message, fields) {
  const pairs = Object.entries(fields).map(([key, value]) => ({ key, value: String(value) }));
  log.write({ level, target: "javascript", message, fields: pairs, context: undefined });
}
