"""What becomes of a line."""


def shout(line: str) -> str:
    return line.upper()
