// The little of postcard (https://postcard.jamesmunns.com/wire-format) that flights need.
//
// Fields follow each other without names. Integers are varints, signed ones in zigzag; text has its
// length in front.

import { toBytes } from "./weft.js";

/** Builds a frame, field after field. */
export class Encoder {
  #bytes = [];

  /** Adds an unsigned integer of 32 bits. */
  unsigned(value) {
    while (value >= 0x80) {
      this.#bytes.push((value & 0x7f) | 0x80);
      value >>>= 7;
    }
    this.#bytes.push(value);
    return this;
  }

  /** Adds a signed integer of 32 bits. */
  signed(value) {
    return this.unsigned(((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** Adds a text. */
  text(value) {
    const bytes = toBytes(value);
    this.unsigned(bytes.length);
    this.#bytes.push(...bytes);
    return this;
  }

  /** The frame. */
  finish() {
    return Uint8Array.from(this.#bytes);
  }
}
