"""Converts the errors of a storage into StorageFailed."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from data_platform.errors import StorageFailed


@contextmanager
def convert_storage_errors(doing: str) -> Iterator[None]:
    """Converts errors of the disk into StorageFailed, with the action `doing` and a hint."""
    try:
        yield
    except OSError as error:
        if error.errno is None and "No space left" not in str(error):
            raise
        raise StorageFailed(f"{doing}: {error.strerror or error}", hint=_suggest_remedy(error)) from error


def _suggest_remedy(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
        return "free some space, then run it again: nothing unfinished is visible"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "give this user write permission, or choose another folder; DATA_PLATFORM_HOME names the home"
    return "repair the disk, then run it again: nothing unfinished is visible"
