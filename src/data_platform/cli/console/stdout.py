"""Handles a standard output that is closed or full."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from data_platform.errors import BadInput, DataPlatformError


class StdoutFailed(DataPlatformError):
    """The answer cannot be written to stdout; nor can the error."""


@contextmanager
def guard_stdout() -> Iterator[None]:
    """Raises StdoutFailed if writing to stdout fails inside the block. A closed pipe is not a failure."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StdoutFailed(f"the answer cannot be written to stdout: {error.strerror}") from error


def require_stdout() -> None:
    """Raises StdoutFailed if stdout is closed, because the answer would be lost."""
    if sys.stdout is None or getattr(sys.stdout, "name", None) == os.devnull:
        raise StdoutFailed("stdout is closed", hint="leave it open, or write to a file")


def require_stdin() -> None:
    """Raises BadInput if stdin is closed."""
    if sys.stdin is None:
        raise BadInput("stdin is closed", hint="leave it open, or give a file")
