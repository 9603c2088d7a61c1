"""Requests and replies over channels, as `weft_guest::rpc` has them in Rust: either can ask the other.

A frame is the payload, then a byte for what it is and the number of the call in eight. A client's first request
brings the writer that its replies go to; the host's id of who sent a frame tells clients apart. Weft's book has all
of it, under "Requests and replies".
"""

import struct

from componentize_py_types import Err
from wit_world.imports.channel import Handle_Writer

CALL, CANCEL, REPLY, NO_REPLY, FORGOTTEN, TRACED_CALL = range(1, 7)
ENVELOPE = struct.Struct("<BQ")
TRACE = 25  # bytes of a span, between a traced call's payload and a byte that is 1
MAX_CLIENTS = 1024  # beyond it the one that came first is forgotten, and comes again


def seal(payload: bytes, kind: int, number: int) -> bytes:
    """A frame of these parts."""
    return payload + ENVELOPE.pack(kind, number)


def parts(frame: bytes):
    """The payload, kind and number of a frame; None if it is none of these."""
    if len(frame) < ENVELOPE.size:
        return None
    kind, number = ENVELOPE.unpack(frame[-ENVELOPE.size :])
    payload = frame[: -ENVELOPE.size]
    if kind == TRACED_CALL:
        kind, payload = CALL, untraced(payload)
    if payload is None or not CALL <= kind <= FORGOTTEN:
        return None
    return payload, kind, number


def untraced(payload: bytes) -> bytes | None:
    """The request in a traced call, without the span it was made in; None if there is none."""
    if payload.endswith(b"\x00"):
        return payload[:-1]
    if payload.endswith(b"\x01") and len(payload) > TRACE:
        return payload[: -1 - TRACE]
    return None


def serve(requests, reply) -> int:
    """Answers each request with `reply(payload)` until the last client is gone, and returns how many it answered.

    Where that is None the client is told that there is no reply.
    """
    clients = {}
    answered = 0
    while (delivery := requests.read()) is not None:
        sender = delivery.frame.writer
        call = parts(delivery.frame.payload)
        if call is None or call[1] != CALL:
            continue
        for handle in delivery.handles or []:
            if isinstance(handle, Handle_Writer):
                clients.pop(sender, None)
                clients[sender] = handle.value
        if sender not in clients:
            continue
        payload, _, number = call
        found = reply(payload)
        answered += found is not None
        frame = seal(b"", NO_REPLY, number) if found is None else seal(found, REPLY, number)
        if not sent(clients[sender], frame):
            del clients[sender]
        if len(clients) > MAX_CLIENTS:
            first = clients.pop(next(iter(clients)))
            sent(first, seal(b"", FORGOTTEN, 0))
    return answered


def sent(writer, frame: bytes) -> bool:
    """Sends without waiting: a client that is gone, or does not read its replies, holds up nobody else."""
    try:
        return writer.try_write(frame)
    except Err:
        return False
