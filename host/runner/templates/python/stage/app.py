"""A stage of a pipeline: sends every line on in capitals.

The class has a method for each function that the world in wit/world.wit exports.
"""

import trial
import wit_world
from frames import batches, send
from shout import shout
from told import told_as_text
from wit_world.imports import log


class WitWorld(wit_world.WitWorld):
    def run(self, input, output):
        lines = 0
        with told_as_text():
            for batch in batches(input):
                send(output, [shout(line.decode()).encode() for line in batch])
                lines += len(batch)
        field = log.Field("lines", str(lines))
        log.write(log.Entry(log.Level.INFO, "app", "the input has ended", [field], None))
        return lines

    def feed(self, path, lines):
        with told_as_text():
            trial.feed(path, lines)

    def show(self, lines):
        with told_as_text():
            trial.show(lines)
