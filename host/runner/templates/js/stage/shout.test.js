import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shout } from './shout.js';

test('a line is said in capitals', () => {
  assert.equal(shout('Weft carries it.'), 'WEFT CARRIES IT.');
});
