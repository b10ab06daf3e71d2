"""A new home whose first command is still running. It becomes a mesh if the command succeeds, else it is removed.

Until then it contains the file `.beginning`, on which every process that has opened the home has a shared lock. The
process that created the home removes it only with an exclusive lock, and therefore never while another process uses
it. A process that waited for the lock checks whether the home still exists.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from data_platform.settings.home import IGNORE_ALL, IGNORED, MARKER, Home, check_new_home, convert_disk_errors, is_home


@dataclass(slots=True)
class NewHome:
    """A new home with a shared lock; `owner`: this process created the home, `made_folder`: and its folder.

    `file` is the descriptor of the marker.
    """

    home: Home
    file: int
    owner: bool = False
    made_folder: bool = False

    @classmethod
    def begin(cls, place: Path) -> Self | None:
        """Creates the home at `place`, or joins the process that creates it; returns None if it is a mesh already.

        Raises BadInput if no mesh may be created there, StorageFailed if it cannot be created.
        """
        while True:
            check_new_home(place)
            with convert_disk_errors("the home folder", place):
                made_folder = _make_folder(place)
                file = _make_marker(place)
                if file is not None:
                    _lock_shared(file)
                    (place / IGNORED).write_text(IGNORE_ALL)
                    return cls(Home(place.resolve(), created=True), file, owner=True, made_folder=made_folder)
            share = cls.join(Home(place.resolve()))
            if share is not None or is_home(place):
                return share

    @classmethod
    def join(cls, home: Home) -> Self | None:
        """Joins a home that another process is creating; returns None if it is a mesh already, or was removed."""
        marker = home.path / MARKER
        while True:
            try:
                file = os.open(marker, os.O_RDONLY)
            except OSError:
                return None
            _lock_shared(file)
            if _is_same(file, marker):
                return cls(home, file)
            os.close(file)

    def establish(self) -> bool:
        """Makes the home a mesh; returns False if another process did so."""
        is_first = True
        try:
            (self.home.path / MARKER).unlink()
        except OSError:
            is_first = False
        self.release()
        return is_first

    def discard(self) -> None:
        """Removes the home, unless another process uses it or has made it a mesh."""
        with suppress(OSError):
            if self.owner and _is_same(self.file, self.home.path / MARKER):
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._remove()
        self.release()

    def release(self) -> None:
        """Releases the lock of this process."""
        if self.file >= 0:
            os.close(self.file)
        self.file = -1

    def _remove(self) -> None:
        for child in self.home.path.iterdir():
            if child.name == MARKER:
                continue
            if child.is_dir() and not child.is_symlink():
                shutil.rmtree(child, ignore_errors=True)
            else:
                child.unlink(missing_ok=True)
        (self.home.path / MARKER).unlink()
        if self.made_folder:
            self.home.path.rmdir()


def _make_folder(place: Path) -> bool:
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        return False
    return True


def _make_marker(place: Path) -> int | None:
    """Creates and opens the marker; returns None if the folder is a home already."""
    if next(place.iterdir(), None) is not None:
        return None
    try:
        return os.open(place / MARKER, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return None


def _lock_shared(file: int) -> None:
    with suppress(OSError):  # on a file system without locks no home is ever removed
        fcntl.flock(file, fcntl.LOCK_SH)


def _is_same(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False
