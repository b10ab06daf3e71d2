"""An index that cannot be read or written: never an error for whoever searches, always a reason to build it anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Damaged(Exception):
    """The index, or the folder it lies in, is of no use."""


@contextmanager
def finding_damage() -> Iterator[None]:
    """Tells as Damaged what the disk or tantivy says: OSError, ValueError, or a panic over bytes it cannot make out."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise Damaged(str(error)) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of pyo3, which gives it no name to import
            raise Damaged(str(error)) from error
        raise
