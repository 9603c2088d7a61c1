// Counts the letters and words of each argument.

import { getArguments } from 'wasi:cli/environment@0.2.0';
import { count } from './count.js';

export const run = {
  run() {
    const texts = getArguments().slice(1);
    if (texts.length === 0) {
      console.error('give texts to count, as arguments');
      // The program fails.
      throw undefined;
    }
    for (const text of texts) {
      const { letters, words } = count(text);
      console.log(`${text}: ${letters} letters, ${words} words`);
    }
  },
};
