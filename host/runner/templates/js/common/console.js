// The `console`, which the engine does not have: it prints texts, as a program does.

import { getStderr } from 'wasi:cli/stderr@0.2.0';
import { getStdout } from 'wasi:cli/stdout@0.2.0';
import { toBytes } from './text.js';

/** Bytes that one call of WASI takes at most. */
const MAX_BYTES = 4096;

function print(stream, values) {
  const bytes = toBytes(`${values.map(String).join(' ')}\n`);
  try {
    for (let at = 0; at < bytes.length; at += MAX_BYTES) {
      stream.blockingWriteAndFlush(bytes.slice(at, at + MAX_BYTES));
    }
  } catch {
    // Nobody reads it any more.
  }
}

const log = (...values) => print(getStdout(), values);
const error = (...values) => print(getStderr(), values);
globalThis.console = { log, info: log, debug: log, error, warn: error };
