#!/usr/bin/env python3
"""Puts the code of tested files into the pages of the book, so that a page shows its code wherever it is read.

    scripts/book-code.py            rewrite the pages of docs/src
    scripts/book-code.py --check    change nothing; list what is out of date, exit with 1 if anything is
    scripts/book-code.py --list     print PAGE, a tab and FILE or FILE:ANCHOR for each piece of code

A comment above a block says where its code comes from, relative to the page. It may name several pieces:

    <!-- code: ../tutorial/weft.toml:channels ../tutorial/weft.toml:processes -->

To add a piece, write a block with `{{#include FILE:ANCHOR}}` in it, as mdBook has it, and run this script. A file's lines
between `ANCHOR: NAME` and `ANCHOR_END: NAME` are the piece NAME; without a name the whole file is.

Invariant: a block below such a comment is exactly what its files have, without anchors and common indentation.
"""

import re
import sys
import textwrap
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = REPOSITORY / "docs" / "src"

FENCE = re.compile(r"^(`{3,})([^`]*)$")
INCLUDE = re.compile(r"^\{\{#include ([^}\s]+)\}\}$")
COMMENT = re.compile(r"^<!-- code: (.+) -->$")
ANCHOR = re.compile(r"\bANCHOR(?:_END)?: ")


class Wrong(Exception):
    """A page that cannot be expanded: what is wrong, for people."""


def piece(page, source):
    """The code that `source`, FILE or FILE:ANCHOR, stands for."""
    name, _, anchor = source.partition(":")
    try:
        lines = (page.parent / name).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Wrong(f"{source}: {error.strerror}") from error
    if anchor:
        marked = [number for number, line in enumerate(lines) if ANCHOR.search(line) and line.split()[-1] == anchor]
        if len(marked) != 2:
            raise Wrong(f"{source}: the file has no piece of this name, or several")
        lines = lines[marked[0] + 1 : marked[1]]
    lines = [line for line in lines if not ANCHOR.search(line)]
    return textwrap.dedent("\n".join(lines)).strip("\n")


def block(page, sources, info):
    """The comment and the block for these pieces."""
    code = "\n\n".join(piece(page, source) for source in sources)
    longest = max((len(run) for run in re.findall(r"^`+", code, re.MULTILINE)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"<!-- code: {' '.join(sources)} -->", f"{fence}{info}", *code.split("\n"), fence]


def expand(page):
    """The page's text as it should be, and the sources on it."""
    lines = page.read_text(encoding="utf-8").split("\n")
    out, found, number = [], [], 0
    while number < len(lines):
        comment = COMMENT.match(lines[number])
        start = number + 1 if comment else number
        fence = FENCE.match(lines[start]) if start < len(lines) else None
        if comment and not fence:
            raise Wrong(f"line {number + 1}: there is no block below this comment")
        if not fence:
            out.append(lines[number])
            number += 1
            continue
        ends = [end for end in range(start + 1, len(lines)) if lines[end].rstrip() == fence[1]]
        if not ends:
            raise Wrong(f"line {start + 1}: this block does not end")
        includes = [INCLUDE.match(line) for line in lines[start + 1 : ends[0]]]
        if comment:
            sources = comment[1].split()
        elif includes and all(includes):
            sources = [include[1] for include in includes]
        else:
            sources = []
        if sources:
            out += block(page, sources, fence[2])
            found += sources
        else:
            out += lines[number : ends[0] + 1]
        number = ends[0] + 1
    return "\n".join(out), found


def main(arguments):
    if len(arguments) > 1 or not {*arguments} <= {"--check", "--list"}:
        print(__doc__, file=sys.stderr)
        return 2
    failed = False
    for page in sorted(PAGES.rglob("*.md")):
        name = page.relative_to(REPOSITORY)
        try:
            text, sources = expand(page)
        except Wrong as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = True
            continue
        if "--list" in arguments:
            for source in sources:
                print(f"{name}\t{source}")
        elif text != page.read_text(encoding="utf-8"):
            if "--check" in arguments:
                print(f"{name}: its code is not that of its files; run scripts/book-code.py", file=sys.stderr)
                failed = True
            else:
                page.write_text(text, encoding="utf-8")
                print(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
