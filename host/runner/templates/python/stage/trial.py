"""Something to try the stage with: sends the lines of a file, and prints lines.

Once other guests stand before and behind the stage, this file can go, with what wit/world.wit and app.py
have of it.
"""

from itertools import batched

from frames import batches, send


def feed(path, lines):
    """Sends the lines of the file at `path`, one a frame."""
    with open(path, "rb") as file:
        for batch in batched(file, 1000):
            send(lines, [line.rstrip(b"\r\n") for line in batch])


def show(lines):
    """Prints every frame as a line."""
    for batch in batches(lines):
        for line in batch:
            print(line.decode(), flush=True)
