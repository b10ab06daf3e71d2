"""An index that cannot be read or written: never an error of a search, always a reason to rebuild the index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Damaged(Exception):
    """The index, or its folder, cannot be used."""


@contextmanager
def detect_damage() -> Iterator[None]:
    """Raises Damaged for errors of the disk or tantivy: OSError, ValueError, or a panic over unreadable bytes."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise Damaged(str(error)) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of pyo3, which gives it no name to import
            raise Damaged(str(error)) from error
        raise
