"""Adds the origin airport to each flight: the stage `join` of the flights pipeline, in Python."""

import weft
import wit_world
from flights import Airports
from wit_world.imports.channel import Reader, Writer


class WitWorld(wit_world.WitWorld):
    """The world `join` of wit/stage.wit; the host calls `run`."""

    def run(self, airports: str, flights: Reader, joined: Writer) -> int:
        table = Airports(airports)
        with flights, joined, weft.Batch(joined) as out:
            for frame in weft.frames(flights):
                out.send(table.join(frame))
        for origin in sorted(table.missing):
            weft.warn("this airport is not in the table", origin=origin)
        return out.sent
