"""Adds the origin airport to each flight: the stage `join` of the flights pipeline, in Python."""

import csv

import postcard
import weft
import wit_world
from componentize_py_types import Err
from wit_world.imports.channel import Reader, Writer

UNKNOWN = ("?", "?", "?")
"""What stands for the name, city and state of an airport that is not listed."""


class WitWorld(wit_world.WitWorld):
    """The world of wit/stage.wit; the host calls `run`."""

    def run(self, airports: str, flights: Reader, joined: Writer) -> int:
        table = read_airports(airports)
        unknown = set()
        with flights, joined, weft.Batch(joined) as out:
            for frame in weft.frames(flights):
                flight = postcard.Decoder(frame)
                delay, distance = flight.signed(), flight.unsigned()
                origin, destination = flight.text(), flight.text()
                airport = table.get(origin)
                if airport is None:
                    unknown.add(origin)
                    airport = UNKNOWN
                texts = (origin, destination, *airport)
                numbers = postcard.signed(delay) + postcard.unsigned(distance)
                out.send(numbers + b"".join(map(postcard.text, texts)))
        for origin in sorted(unknown):
            weft.warn("this airport is not in the table", origin=origin)
        return out.sent


def read_airports(path: str) -> dict[str, tuple[str, str, str]]:
    """Reads the table of airports, by IATA code."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return {row["iata"]: (row["name"], row["city"], row["state"]) for row in csv.DictReader(file)}
    except OSError as error:
        # What `Err` carries is the reason that the process failed with; any other exception is a trap.
        raise Err(f"cannot open {path}: {error.strerror}")
