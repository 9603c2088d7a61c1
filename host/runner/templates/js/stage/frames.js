// Frames of channels as text, many at a time: a call of the host costs as much as copying kilobytes.

import { toBytes, toText } from './text.js';

/** Frames taken at a time. */
const MAX_FRAMES = 1024;
/** Bytes taken at a time. */
const MAX_BYTES = 64 * 1024;

/** The frames of a reader, as many as are there each time, until its channel ends. */
export function* batches(reader) {
  for (;;) {
    const { ends, payload } = reader.readPacked(MAX_FRAMES, MAX_BYTES).frames;
    if (ends.length === 0) return;
    const lines = [];
    let start = 0;
    for (const end of ends) {
      lines.push(toText(payload.subarray(start, end)));
      start = end;
    }
    yield lines;
  }
}

/** Sends texts together, a frame each, waiting for room. */
export function send(writer, texts) {
  const frames = texts.map(toBytes);
  let size = 0;
  const ends = Uint32Array.from(frames, (frame) => (size += frame.length));
  const payload = new Uint8Array(size);
  frames.forEach((frame, index) => payload.set(frame, ends[index] - frame.length));
  writer.writePacked(ends, payload);
}
