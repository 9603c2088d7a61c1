// A service: adds two numbers for whoever asks.
//
// It has a function for each that the world in wit/world.wit exports.

import './console.js';
import { write } from 'weft:fabric/log@0.2.0';
import { serve } from './rpc.js';
import { answer } from './sums.js';
import { toBytes, toText } from './text.js';
import { toldAsText } from './told.js';
import * as trial from './trial.js';

export function run(requests) {
  return toldAsText(() => serve(requests, reply));
}

export function ask(requests, questions) {
  toldAsText(() => trial.ask(requests, questions));
}

/** The reply to a request, as bytes; for undefined its client is told that there is none. */
function reply(request) {
  let question;
  try {
    question = toText(request);
  } catch {
    return noReply('this is no text', []);
  }
  const found = answer(question);
  if (found === undefined) return noReply('this is no sum', [{ key: 'question', value: question }]);
  return toBytes(found);
}

function noReply(message, fields) {
  write({ level: 'warn', target: 'app', message, fields });
  return undefined;
}
