"""Channel ends as Python has them: readers to loop over, writers to fill.

A call of the host costs as much as copying kilobytes, so frames travel in batches here: `frames` takes
all that are there, and a `Batch` sends what it holds when it is full or when the guest is about to wait.
"""

from collections.abc import Iterator
from itertools import accumulate

from wit_world.imports import log as _log
from wit_world.imports.channel import Reader, Writer
from wit_world.imports.frames import PackedFrames

MAX_FRAMES = 4096
"""Frames taken or sent in one call, at most."""
MAX_BYTES = 64 * 1024
"""Bytes of payload taken or sent in one call, at most; a longer frame travels alone."""

_batches: list["Batch"] = []


def frames(reader: Reader) -> Iterator[bytes]:
    """Gives frame after frame until the end of the channel. Before a wait, open batches are sent."""
    while True:
        for batch in _batches:
            batch.flush()
        packed = reader.read_packed(MAX_FRAMES, MAX_BYTES).frames
        if not packed.ends:
            return
        yield from unpack(packed)


def unpack(packed: PackedFrames) -> Iterator[bytes]:
    """Gives the frames of a batch one by one."""
    start = 0
    for end in packed.ends:
        yield packed.payload[start:end]
        start = end


def pack(frames: list[bytes]) -> tuple[list[int], bytes]:
    """A batch as calls take it: where each frame ends, and the bytes of all."""
    return list(accumulate(map(len, frames))), b"".join(frames)


class Batch:
    """Collects frames for a writer; `with Batch(writer) as out:` sends the last of them too."""

    def __init__(self, writer: Writer) -> None:
        self.sent = 0
        self._writer = writer
        self._ends: list[int] = []
        self._payload = bytearray()

    def __enter__(self) -> "Batch":
        _batches.append(self)
        return self

    def __exit__(self, kind, error, traceback) -> None:
        _batches.remove(self)
        if kind is None:
            self.flush()

    def send(self, frame: bytes) -> None:
        """Adds a frame, and sends what came before it where there is no room for both."""
        if len(self._ends) == MAX_FRAMES or len(self._payload) + len(frame) > MAX_BYTES:
            self.flush()
        self._payload += frame
        self._ends.append(len(self._payload))

    def flush(self) -> None:
        """Sends what is there, waiting for room."""
        if self._ends:
            # Emptied first: the frames of a call that fails are gone, not sent twice.
            ends, payload = self._ends, bytes(self._payload)
            self._ends, self._payload = [], bytearray()
            self.sent += self._writer.write_packed(ends, payload)


def warn(message: str, **fields: object) -> None:
    """Writes a warning to the process's log, with fields."""
    _write(_log.Level.WARN, message, fields)


def info(message: str, **fields: object) -> None:
    """Writes a message to the process's log, with fields."""
    _write(_log.Level.INFO, message, fields)


def _write(level: _log.Level, message: str, fields: dict[str, object]) -> None:
    pairs = [_log.Field(key, str(value)) for key, value in fields.items()]
    _log.write(_log.Entry(level, "python", message, pairs, None))
