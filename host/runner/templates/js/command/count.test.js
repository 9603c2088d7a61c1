import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count } from './count.js';

test('letters and words are counted', () => {
  assert.deepEqual(count('over and under'), { letters: 12, words: 3 });
  assert.deepEqual(count(''), { letters: 0, words: 0 });
});
