"""Private temporary folders of a process.

A folder is accessible only to its user (0700) and locked by its process: the kernel releases the lock when the process
ends. A folder without a lock is a leftover, and the next process of the same user removes it. A process id would not
suffice: it is reused, and is meaningless in another container that shares the folder.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

Kind = Literal["spill", "test"]
PREFIXES = ("data-platform-spill-", "data-platform-test-")
_TRIES = 20


def make_scratch_folder(kind: Kind) -> Path:
    """Creates a folder below TMPDIR that is removed when the process ends, or by the next process."""
    folder, lock = _make_locked_folder(kind)
    atexit.register(_remove, folder, lock, os.getpid())
    return folder


@contextmanager
def open_scratch_folder(kind: Kind) -> Iterator[Path]:
    """Creates a folder below TMPDIR that is removed at the end of the block, or by the next process."""
    folder, lock = _make_locked_folder(kind)
    try:
        yield folder
    finally:
        _remove(folder, lock, os.getpid())


def remove_leftovers() -> list[Path]:
    """Removes and returns the folders of killed processes. A folder in use is kept."""
    removed = []
    for folder in find_leftovers():
        lock = lock_folder(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
            removed.append(folder)
    return removed


def find_leftovers() -> list[Path]:
    """Returns the folders below TMPDIR that no process has locked."""
    folders = []
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIXES) and (lock := lock_folder(Path(entry.path))) is not None:
                os.close(lock)
                folders.append(Path(entry.path))
    return folders


def _make_locked_folder(kind: Kind) -> tuple[Path, int]:
    remove_leftovers()
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix=f"data-platform-{kind}-"))
        lock = lock_folder(folder)
        if lock is not None:
            return folder, lock
    raise OSError(f"no folder below {tempfile.gettempdir()} can be locked")


def lock_folder(folder: Path) -> int | None:
    """Locks the folder and returns a descriptor; None if it is locked, removed, foreign or not a folder."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_ours(os.fstat(lock), os.lstat(folder)):
            return lock
    except OSError:
        pass
    os.close(lock)
    return None


def _is_ours(opened: os.stat_result, named: os.stat_result) -> bool:
    """Whether the folder belongs to this user, and was not removed and replaced by another process."""
    same = (opened.st_dev, opened.st_ino) == (named.st_dev, named.st_ino)
    return same and opened.st_uid == os.geteuid() and not stat.S_IMODE(opened.st_mode) & 0o077


def _remove(folder: Path, lock: int, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)
