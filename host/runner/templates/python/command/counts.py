"""What is counted."""


def count(text: str) -> tuple[int, int]:
    """The lines and the words of a text."""
    return len(text.splitlines()), len(text.split())
