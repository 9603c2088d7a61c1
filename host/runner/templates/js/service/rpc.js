// Requests and replies over channels, as `weft_guest::rpc` has them in Rust: either can ask the other.
//
// A frame is the payload, then a byte for what it is and the number of the call in eight. A client's first request
// brings the writer that its replies go to; the host's id of who sent a frame tells clients apart. Weft's book has all of
// it, under "Requests and replies".

export const Kind = { CALL: 1, CANCEL: 2, REPLY: 3, NO_REPLY: 4, FORGOTTEN: 5, TRACED_CALL: 6 };

/** Bytes of kind and number. */
const ENVELOPE = 9;
/** Bytes of a span, between a traced call's payload and a byte that is 1. */
const TRACE = 25;
/** Beyond it the client that came first is forgotten, and comes again. */
const MAX_CLIENTS = 1024;
const NOTHING = new Uint8Array();

/** A frame of these parts; the number is a BigInt. */
export function seal(payload, kind, number) {
  const frame = new Uint8Array(payload.length + ENVELOPE);
  frame.set(payload);
  frame[payload.length] = kind;
  new DataView(frame.buffer).setBigUint64(payload.length + 1, number, true);
  return frame;
}

/** The payload, kind and number of a frame; undefined if it is none of these. */
export function parts(frame) {
  const size = frame.length - ENVELOPE;
  if (size < 0) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const number = view.getBigUint64(size + 1, true);
  const traced = frame[size] === Kind.TRACED_CALL;
  const kind = traced ? Kind.CALL : frame[size];
  const content = frame.subarray(0, size);
  const payload = traced ? untraced(content) : content;
  if (payload === undefined || kind < Kind.CALL || kind > Kind.FORGOTTEN) return undefined;
  return { payload, kind, number };
}

/** The request in a traced call, without the span it was made in; undefined if there is none. */
function untraced(content) {
  const span = { 0: 0, 1: TRACE }[content.at(-1)];
  const size = content.length - 1 - span;
  return size >= 0 ? content.subarray(0, size) : undefined;
}

/**
 * Answers each request with `reply(payload)` until the last client is gone, and returns how many it answered.
 * Where that is undefined the client is told that there is no reply.
 */
export function serve(requests, reply) {
  const clients = new Map();
  let answered = 0;
  for (let delivery; (delivery = requests.read()); ) {
    const sender = delivery.frame.writer;
    const call = parts(delivery.frame.payload);
    if (call?.kind !== Kind.CALL) continue;
    for (const handle of delivery.handles ?? []) {
      if (handle.tag === 'writer') {
        forget(clients, sender);
        clients.set(sender, handle.val);
      }
    }
    const client = clients.get(sender);
    if (client === undefined) continue;
    const found = reply(call.payload);
    if (found !== undefined) answered += 1;
    const kind = found === undefined ? Kind.NO_REPLY : Kind.REPLY;
    if (!sent(client, seal(found ?? NOTHING, kind, call.number))) forget(clients, sender);
    if (clients.size > MAX_CLIENTS) {
      const [first, writer] = clients.entries().next().value;
      sent(writer, seal(NOTHING, Kind.FORGOTTEN, 0n));
      forget(clients, first);
    }
  }
  return answered;
}

/** Closes a client's replies now, and not when the garbage is collected. */
function forget(clients, sender) {
  clients.get(sender)?.[Symbol.dispose]();
  clients.delete(sender);
}

/** Sends without waiting: a client that is gone, or does not read its replies, holds up nobody else. */
function sent(writer, frame) {
  try {
    return writer.tryWrite(frame);
  } catch {
    return false;
  }
}
