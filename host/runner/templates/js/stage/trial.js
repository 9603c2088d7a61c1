// Something to try the stage with: sends lines, and prints lines.
//
// Once other guests stand before and behind the stage, this file can go, with what wit/world.wit and app.js
// have of it.

import { batches, send } from './frames.js';

/** Sends these lines, one a frame. */
export function feed(text, lines) {
  send(lines, text);
}

/** Prints every frame as a line. */
export function show(lines) {
  for (const batch of batches(lines)) {
    for (const line of batch) console.log(line);
  }
}
