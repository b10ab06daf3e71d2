"""The index on disk: whole generations side by side, and a pointer to the current one.

    search/current              the name of the current generation, replaced atomically
    search/v1-3f9c…/            a tantivy index, of schema version 1
    search/lock                 locked, by flock, by the one process that writes

A rebuild writes a new generation and moves the pointer when all of it is there; an update is one commit of tantivy,
which replaces its `meta.json` atomically. A process that is killed leaves files that nothing names, and its lock is
gone with it; the next writer sweeps up.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import IO

from data_platform.search.corruption import detect_damage
from data_platform.settings.disk import read_regular

_POINTER, _LOCK = "current", "lock"
_PAUSE = 0.01


class Shelf:
    """The index folder, for generations of one schema version."""

    def __init__(self, folder: Path, version: int) -> None:
        self.folder = folder
        self._prefix = f"v{version}-"

    def read_current(self) -> str | None:
        """The name of the current generation; None where there is none of this version."""
        try:
            name = read_regular(self.folder / _POINTER).decode("ascii")
        except (OSError, UnicodeDecodeError):
            return None
        return name if name.startswith(self._prefix) and name.isascii() and "/" not in name else None

    def path(self, name: str) -> Path:
        """The folder of a generation."""
        return self.folder / name

    @contextmanager
    def lock_for_writing(self, patience: float) -> Iterator[bool]:
        """True with the exclusive right to write; False when others kept it for `patience` seconds.

        Raises Damaged where the folder cannot be written to.
        """
        with detect_damage():
            self.folder.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK, 0o600)
            lock = os.fdopen(handle, "r+b", buffering=0)
        with lock:
            yield _lock_file(lock, patience)

    def begin(self) -> str:
        """A new, empty generation; those that nothing names are swept away first."""
        self.remove_others()
        name = f"{self._prefix}{token_hex(8)}"
        self.path(name).mkdir()
        return name

    def set_current(self, name: str) -> None:
        """Makes the generation the current one."""
        fresh = self.folder / f"{_POINTER}.new"
        fresh.write_text(name, encoding="ascii")
        fresh.replace(self.folder / _POINTER)
        self.remove_others()

    def remove_others(self) -> None:
        """Removes every generation but the current one; a reader of one keeps its files open."""
        counts = self.read_current()
        for path in self.folder.glob("v*-*"):
            if path.name != counts:
                shutil.rmtree(path, ignore_errors=True)


def _lock_file(lock: IO[bytes], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
        time.sleep(_PAUSE)
