"""Files of the keys' folder: read only if no other user can, and written by one process at a time."""

from __future__ import annotations

import fcntl
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from data_platform.errors import StorageFailed
from data_platform.settings.disk import read_regular

OTHERS = 0o077
"""The mode bits of users other than the owner, who must have no access to a key."""

OTHERS_LIST = 0o066
"""The mode bits by which other users list the folder of the keys, or put another file in the place of a key."""

MASTER_NAME = re.compile(r"master-([1-9][0-9]{0,8})\.key")
"""The name of the file of a master key: its version."""


def read_private(path: Path, name: str) -> bytes:
    """Returns the bytes of a key file; raises StorageFailed if other users can access it or its folder, and OSError.

    `name` says in the error which key it is.
    """
    if os.name == "posix":
        _require_private(path, OTHERS, f"{name} is not used: its file {path}")
        _require_private(path.parent, OTHERS_LIST, f"{name} is not used: the folder {path.parent}")
    return read_regular(path)


def _require_private(path: Path, bits: int, subject: str) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & bits:
        return
    who = "all users" if mode & bits & 0o007 else "its group"
    folder = quote(str(path if path.is_dir() else path.parent))
    raise StorageFailed(
        f"{subject} is accessible to {who} (mode {mode:o})",
        hint=f"chmod 700 {folder}; chmod 600 {folder}/*.key; "
        "other users may have read the keys, and therefore the data",
    )


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Excludes other processes and threads that lock the same folder; it is made if it does not exist. Raises OSError.

    The lock ends with the process that holds it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def remove_drafts(folder: Path) -> None:
    """Removes files that interrupted writers left: they may hold a key. The caller has locked the folder."""
    for draft in folder.glob(".*.key.*.new"):
        draft.unlink(missing_ok=True)


def refuse_links(paths: Iterable[Path]) -> None:
    """Raises StorageFailed for a symlink: to replace or remove it leaves the key in the file that it leads to."""
    for path in paths:
        if path.is_symlink():
            raise StorageFailed(
                f"{path} is a symlink to {path.readlink()}, where its key would remain",
                hint="move that file to the place of the link",
            )
