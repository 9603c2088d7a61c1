import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBytes, toText } from './text.js';

test('bytes are UTF-8', () => {
  const text = 'thread, Fäden, 糸, 🧵';
  assert.deepEqual(toBytes(text), new TextEncoder().encode(text));
  assert.equal(toText(toBytes(text)), text);
});

test('half a character is sent as a sign for what is lost', () => {
  assert.equal(toText(toBytes('\ud83e')), '\ufffd');
});

test('bytes that are no text are refused', () => {
  assert.throws(() => toText(Uint8Array.of(0xff)), URIError);
});
