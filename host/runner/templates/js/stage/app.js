// A stage of a pipeline: sends every line on in capitals.
//
// It has a function for each that the world in wit/world.wit exports.

import './console.js';
import { write } from 'weft:fabric/log@0.2.0';
import { batches, send } from './frames.js';
import { shout } from './shout.js';
import { toldAsText } from './told.js';
import * as trial from './trial.js';

export function run(input, output) {
  return toldAsText(() => {
    let lines = 0;
    for (const batch of batches(input)) {
      send(output, batch.map(shout));
      lines += batch.length;
    }
    const fields = [{ key: 'lines', value: String(lines) }];
    write({ level: 'info', target: 'app', message: 'the input has ended', fields });
    return lines;
  });
}

export function feed(text, lines) {
  toldAsText(() => trial.feed(text, lines));
}

export function show(lines) {
  toldAsText(() => trial.show(lines));
}
