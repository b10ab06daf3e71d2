"""Standard output, where it is closed or full."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from data_platform.errors import BadInput, DataPlatformError


class StdoutFailed(DataPlatformError):
    """The answer cannot be written to stdout; so neither can the error be."""


@contextmanager
def writing() -> Iterator[None]:
    """Raises StdoutFailed where stdout does not take what is written inside; a reader who has gone is no failure."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StdoutFailed(f"the answer cannot be written to stdout: {error.strerror}") from error


def require_stdout() -> None:
    """Raises StdoutFailed where stdout is closed: whoever asks for rows would get none."""
    if sys.stdout is None or getattr(sys.stdout, "name", None) == os.devnull:
        raise StdoutFailed("stdout is closed", hint="leave it open, or write to a file")


def require_stdin() -> None:
    """Raises BadInput where stdin is closed."""
    if sys.stdin is None:
        raise BadInput("stdin is closed", hint="leave it open, or give a file")
