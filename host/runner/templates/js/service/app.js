// A service: adds two numbers for whoever asks.
//
// It has a function for each that the world in wit/world.wit exports.

import { write } from 'weft:fabric/log@0.2.0';
import { serve, toldAsText } from './rpc.js';
import { answer } from './sums.js';
import * as trial from './trial.js';

export function run(requests) {
  return toldAsText(() => serve(requests, reply));
}

export function ask(requests, questions) {
  toldAsText(() => trial.ask(requests, questions));
}

/** The reply to a request, as bytes; for undefined its client is told that there is none. */
function reply(request) {
  const question = new TextDecoder().decode(request);
  const found = answer(question);
  if (found === undefined) {
    const fields = [{ key: 'question', value: question }];
    write({ level: 'warn', target: 'app', message: 'this is no sum', fields });
    return undefined;
  }
  return new TextEncoder().encode(found);
}
