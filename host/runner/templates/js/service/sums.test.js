import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer } from './sums.js';

test('a sum is worked out', () => {
  assert.equal(answer('2 + 3'), '5');
});

test('what is no sum has no answer', () => {
  assert.equal(answer('two and three'), undefined);
});
