// Something to try the service with: asks, and prints the answers.
//
// Once other guests ask, this file can go, with what wit/world.wit and app.js have of it.

import { Channel } from 'weft:fabric/channel@0.2.0';
import { Kind, parts, seal } from './rpc.js';
import { toBytes, toText } from './text.js';

/** Asks each question and prints what it hears. */
export function ask(requests, questions) {
  const replies = Channel.create({ capacity: 64 * 1024, backpressure: 'block' });
  const reader = replies.strongReader();
  const writer = replies.strongWriter();
  for (const [number, question] of questions.entries()) {
    const request = seal(toBytes(question), Kind.CALL, BigInt(number));
    if (number === 0) {
      requests.writeWith(request, [{ tag: 'writer', val: writer }]);
    } else {
      requests.write(request);
    }
    const delivery = reader.read();
    if (delivery === null) {
      console.log(`${question}: the server is gone`);
      return;
    }
    const reply = parts(delivery.frame.payload);
    if (reply.kind === Kind.REPLY) {
      console.log(`${question} = ${toText(reply.payload)}`);
    } else {
      console.log(`${question}: the server gave no reply`);
    }
  }
}
