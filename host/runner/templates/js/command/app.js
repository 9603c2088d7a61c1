// Counts the letters and words of each argument.

import './console.js';
import { getArguments } from 'wasi:cli/environment@0.2.0';
import { count } from './count.js';

export const run = {
  run() {
    try {
      main(getArguments().slice(1));
    } catch (error) {
      // A text is for whoever runs the program, an Error for whoever mends it.
      console.error(error?.stack ? `${error}\n${error.stack.trimEnd()}` : error);
      // The program fails.
      throw undefined;
    }
  },
};

function main(texts) {
  if (texts.length === 0) throw 'give texts to count, as arguments';
  for (const text of texts) {
    const { letters, words } = count(text);
    console.log(`${text}: ${letters} letters, ${words} words`);
  }
}
