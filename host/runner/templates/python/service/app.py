"""A service: adds two numbers for whoever asks.

The class has a method for each function that the world in wit/world.wit exports.
"""

import rpc
import trial
import wit_world
from sums import answer
from told import told_as_text
from wit_world.imports import log


class WitWorld(wit_world.WitWorld):
    def run(self, requests):
        with told_as_text():
            return rpc.serve(requests, reply)

    def ask(self, requests, questions):
        with told_as_text():
            trial.ask(requests, questions)


def reply(request: bytes) -> bytes | None:
    """The reply to a request; for none its client is told so."""
    question = request.decode(errors="replace")
    found = answer(question)
    if found is None:
        field = log.Field("question", question)
        log.write(log.Entry(log.Level.WARN, "app", "this is no sum", [field], None))
        return None
    return found.encode()
