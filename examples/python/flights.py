"""What joins flights with airports; it knows nothing of channels."""

import csv

import postcard
from componentize_py_types import Err

UNKNOWN = ("?", "?", "?")
"""What stands for the name, city and state of an airport that is not listed."""


class Airports:
    """The table of airports, by IATA code."""

    def __init__(self, path: str) -> None:
        self.missing: set[str] = set()
        """Codes that were asked for and are not in the table."""
        try:
            with open(path, encoding="utf-8", newline="") as file:
                self._table = {row["iata"]: (row["name"], row["city"], row["state"]) for row in csv.DictReader(file)}
        except OSError as error:
            # What `Err` carries is the reason that the process failed with; any other exception is a trap.
            raise Err(f"cannot open {path}: {error.strerror}")

    def join(self, frame: bytes) -> bytes:
        """A flight with its origin, as the next stage gets it."""
        flight = postcard.Decoder(frame)
        delay, distance = flight.signed(), flight.unsigned()
        origin, destination = flight.text(), flight.text()
        airport = self._table.get(origin)
        if airport is None:
            self.missing.add(origin)
            airport = UNKNOWN
        texts = (origin, destination, *airport)
        return postcard.signed(delay) + postcard.unsigned(distance) + b"".join(map(postcard.text, texts))
