"""Something to try the service with: asks, and prints the answers.

Once other guests ask, this file can go, with what wit/world.wit and app.py have of it.
"""

import rpc
from wit_world.imports.channel import Backpressure, Channel, Handle_Writer, Options


def ask(requests, questions):
    """Asks each question and prints what it hears."""
    replies = Channel.create(Options(64 * 1024, Backpressure.BLOCK))
    reader, writer = replies.strong_reader(), replies.strong_writer()
    for number, question in enumerate(questions):
        request = rpc.seal(question.encode(), rpc.CALL, number)
        if number == 0:
            requests.write_with(request, [Handle_Writer(writer)])
        else:
            requests.write(request)
        delivery = reader.read()
        if delivery is None:
            print(f"{question}: the server is gone", flush=True)
            return
        payload, kind, _ = rpc.parts(delivery.frame.payload)
        if kind == rpc.REPLY:
            print(f"{question} = {payload.decode()}", flush=True)
        else:
            print(f"{question}: the server gave no reply", flush=True)
