"""Frames of channels, many at a time: a call of the host costs as much as copying kilobytes."""

from itertools import accumulate

MAX_FRAMES = 1024  # taken at a time
MAX_BYTES = 64 * 1024


def batches(reader):
    """The frames of a reader, as many as are there each time, until its channel ends."""
    while True:
        packed = reader.read_packed(MAX_FRAMES, MAX_BYTES).frames
        if not packed.ends:
            return
        starts = [0, *packed.ends]
        yield [packed.payload[start:end] for start, end in zip(starts, packed.ends)]


def send(writer, frames):
    """Sends frames together, waiting for room."""
    writer.write_packed(list(accumulate(map(len, frames))), b"".join(frames))
