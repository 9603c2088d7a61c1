"""The network by Python's own `socket`: the entry points of the world `sockets`.

The host allows what `connect=PATTERN` and `listen=PATTERN` grant. All else is an OSError, as anywhere.
"""

# A component has the modules that are imported while it is built. `socket` looks for this one by itself when it is given a name.
import encodings.idna
import socket

import wit_world
from componentize_py_types import Err


def ends(address):
    host, port = address.rsplit(":", 1)
    return host, int(port)


class WitWorld(wit_world.WitWorld):
    def echo(self, address: str, clients: int) -> None:
        try:
            with socket.create_server(ends(address)) as server:
                print("listening on %s:%d" % server.getsockname(), flush=True)
                for _ in range(clients):
                    client, _ = server.accept()
                    with client, client.makefile("rb") as lines:
                        client.sendall(lines.readline())
        except OSError as error:
            raise Err(f"{type(error).__name__}: {error.strerror}")

    def ask(self, address: str, line: str) -> str:
        try:
            with socket.create_connection(ends(address)) as server:
                server.sendall(line.encode() + b"\n")
                with server.makefile("r") as lines:
                    return lines.readline().rstrip("\n")
        except OSError as error:
            raise Err(f"{type(error).__name__}: {error.strerror}")
