"""What goes wrong, as whoever started the guest is told it."""

from contextlib import contextmanager

from componentize_py_types import Err


@contextmanager
def told_as_text():
    """Errors leave an entry point as text, which is what its type says."""
    try:
        yield
    except Err as error:
        raise Err(repr(error.value)) from None
    except (OSError, ValueError) as error:
        raise Err(str(error)) from None
