"""Counts the lines and words of files, or of stdin where none is named."""

import sys

from componentize_py_types import Err
from counts import count
from wit_world import exports
from wit_world.imports import environment


class Run(exports.Run):
    def run(self):
        paths = environment.get_arguments()[1:]
        if not paths:
            show("stdin", sys.stdin.read())
        for path in paths:
            try:
                with open(path, encoding="utf-8") as file:
                    show(path, file.read())
            except (OSError, ValueError) as error:
                print(f"cannot read {path}: {error}", file=sys.stderr, flush=True)
                # The program fails.
                raise Err(None) from None


def show(name, text):
    lines, words = count(text)
    print(f"{name}: {lines} lines, {words} words", flush=True)
