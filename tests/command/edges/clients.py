"""Clients of the standard library and `requests`, which nobody here wrote: HTTP and HTTPS, server-sent events, a WebSocket from a socket, and a crowd.

Usage: clients.py https|events|websocket|crowd ADDRESS CA        CA may be empty: without TLS
Prints what it saw, a line each.
"""

import base64
import collections
import hashlib
import http.client
import os
import resource
import selectors
import socket
import ssl
import struct
import sys

WAIT = 60
HOST = "localhost"


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def context(ca):
    return ssl.create_default_context(cafile=ca) if ca else None


def connect(where, ca):
    stream = socket.create_connection(address(where), timeout=WAIT)
    return context(ca).wrap_socket(stream, server_hostname=HOST) if ca else stream


def connection(where, ca):
    host, port = address(where)
    if ca:
        return http.client.HTTPSConnection(host, port, timeout=WAIT, context=context(ca))
    return http.client.HTTPConnection(host, port, timeout=WAIT)


def post(client, body, kind="application/x-ndjson", path="/orders"):
    client.request("POST", path, body, {"content-type": kind})
    answer = client.getresponse()
    return answer.status, answer.read().decode().strip()


def https(where, ca):
    client = connection(where, ca)
    # Several requests on one connection, one of them in chunks.
    print(*post(client, b'{"a":1}\n{"b":2}\n'))
    print(*post(client, (piece for piece in (b"one\n", b"two\n")), "text/plain"))
    print(*post(client, b"no\n"))
    print(*post(client, b"one", "text/plain", "/nothing")[:1])
    client.close()
    try:
        import requests
    except ImportError:
        if os.environ.get("CI") == "true":
            raise
        print("skipped: there is no Python `requests`; `./dev test` installs it", file=sys.stderr)
        return
    host, port = address(where)
    url = f"{'https' if ca else 'http'}://{host}:{port}"
    with requests.Session() as session:
        session.verify = ca or True
        session.trust_env = False
        said = session.post(url + "/orders", json={"a": 1})
        assert (said.status_code, said.json()) == (202, {"accepted": 1}), said
        with session.get(url + "/alerts", stream=True, timeout=WAIT) as lines:
            session.post(url + "/orders", data="three", headers={"content-type": "text/plain"})
            # The first order may be seen too.
            assert b"THREE" in lines.iter_lines()


def events(where, ca):
    client = connection(where, ca)
    client.request("GET", "/alerts", headers={"accept": "text/event-stream"})
    answer = client.getresponse()
    print(answer.status, answer.getheader("content-type"))
    post(connection(where, ca), b"one\ntwo", "text/plain")
    data = []
    while len(data) < 2:
        line = answer.readline().decode()
        if line.startswith("data: "):
            data.append(line[6:].strip())
    print(*data)
    answer.close()
    client.close()


def exactly(stream, count):
    data = b""
    while len(data) < count:
        piece = stream.recv(count - len(data))
        assert piece, "it ends"
        data += piece
    return data


def frame(stream):
    """A frame of the server: the code of what it is, and what is in it."""
    head = exactly(stream, 2)
    assert head[0] & 0x80, "the last part"
    assert not head[1] & 0x80, "servers use no mask"
    length = head[1]
    if length == 126:
        (length,) = struct.unpack(">H", exactly(stream, 2))
    elif length == 127:
        (length,) = struct.unpack(">Q", exactly(stream, 8))
    return head[0] & 0x0F, exactly(stream, length)


def send(stream, code, data):
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
    stream.sendall(bytes([0x80 | code, 0x80 | len(data)]) + mask + masked)


def websocket(where, ca):
    stream = connect(where, ca)
    key = base64.b64encode(os.urandom(16)).decode()
    stream.sendall(
        f"GET /alerts HTTP/1.1\r\nHost: {where}\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += exactly(stream, 1)
    assert head.startswith(b"HTTP/1.1 101 "), head
    accept = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    assert b"sec-websocket-accept: " + base64.b64encode(accept).lower() in head.lower(), head
    print(101)
    poster = connection(where, ca)
    post(poster, b"one\ntwo", "text/plain")
    print(*(frame(stream)[1].decode() for _ in range(2)))
    post(poster, "x".encode() * 70_000, "text/plain", "/raw/x")
    code, data = frame(stream)
    print(code, len(data))
    send(stream, 9, b"there?")
    print(*frame(stream))
    send(stream, 8, struct.pack(">H", 1000))
    code, data = frame(stream)
    print(code, *struct.unpack(">H", data[:2]))
    assert stream.recv(1) == b"", "the server closes"


def crowd(where, _ca):
    """A thousand requests, all connections open before the first is read."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    request = b"POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc"
    waiting = selectors.DefaultSelector()
    for _ in range(1000):
        stream = socket.create_connection(address(where), timeout=WAIT)
        stream.setblocking(False)
        waiting.register(stream, selectors.EVENT_READ, bytearray())
    for key in list(waiting.get_map().values()):
        try:
            key.fileobj.send(request)
        except OSError:
            pass  # It was turned away before.
    seen = collections.Counter()
    while waiting.get_map():
        for key, _ in waiting.select(WAIT):
            try:
                piece = key.fileobj.recv(1000)
            except ConnectionResetError:
                piece = b""
            key.data.extend(piece)
            if not piece:
                seen[bytes(key.data[9:12]).decode() or "nothing"] += 1
                waiting.unregister(key.fileobj)
                key.fileobj.close()
    print(*(f"{status}:{count}" for status, count in sorted(seen.items())))


if __name__ == "__main__":
    {"https": https, "events": events, "websocket": websocket, "crowd": crowd}[sys.argv[1]](sys.argv[2], sys.argv[3])
