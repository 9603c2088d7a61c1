// Holds `rpc.js` of the template `service` to the frames of golden.json.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Kind, parts, seal } from '../../host/runner/templates/js/service/rpc.js';

const golden = JSON.parse(readFileSync(new URL('../../guest-sdk/src/rpc/golden.json', import.meta.url), 'utf8'));
const bytes = (digits) => Uint8Array.from(Buffer.from(digits, 'hex'));

for (const row of golden.frames) {
  const [frame, payload, number] = [bytes(row.frame), bytes(row.payload), BigInt(row.number)];
  // A traced call is read and not written here.
  const traced = row.kind === 'traced-call';
  const kind = traced ? Kind.CALL : Kind[row.kind.toUpperCase().replace('-', '_')];
  assert.deepEqual(parts(frame), { payload, kind, number }, row.name);
  if (!traced) assert.deepEqual(seal(payload, kind, number), frame, row.name);
}
for (const row of golden['not-frames']) {
  assert.equal(parts(bytes(row.frame)), undefined, row.name);
}
