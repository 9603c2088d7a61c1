"""The same stage with async functions: while one batch waits for room, the next is read and joined."""

import asyncio

import weft
import wit_world
from flights import Airports
from wit_world.imports import channel_async
from wit_world.imports.channel import Reader, Writer


class WitWorld(wit_world.WitWorld):
    """The world `join-async` of wit/stage.wit; the host calls `run`."""

    async def run(self, airports: str, flights: Reader, joined: Writer) -> int:
        table = Airports(airports)
        sent = 0
        with flights, joined:
            writing = None
            while True:
                packed = (await channel_async.read_packed(flights, weft.MAX_FRAMES, weft.MAX_BYTES)).frames
                frames = [table.join(frame) for frame in weft.unpack(packed)]
                # Batches stay in order: one is sent before the next is.
                if writing is not None:
                    sent += await writing
                if not frames:
                    break
                writing = asyncio.create_task(channel_async.write_packed(joined, *weft.pack(frames)))
        for origin in sorted(table.missing):
            weft.warn("this airport is not in the table", origin=origin)
        return sent
