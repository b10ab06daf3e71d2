"""Checks the file permissions of the home and its keys."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from data_platform.cli.console.text import format_count
from data_platform.cli.doctor.check import Diagnosis, State
from data_platform.keys.ring import OTHERS

_OTHER_USERS = 0o007


def check_privacy(home: Path) -> Iterator[Diagnosis]:
    """Checks that other users cannot access the home, and that only their owner can read the keys."""
    if os.name != "posix":
        return
    mode = _read_mode(home)
    if mode & _OTHER_USERS:
        said = f"{home} is accessible to all users (mode {mode:o})"
        yield Diagnosis("privacy", State.WARNING, said, f"chmod -R o-rwx {quote(str(home))}")
    yield from _check_keys(home / "keys")


def _check_keys(folder: Path) -> Iterator[Diagnosis]:
    if not folder.is_dir():
        return
    keys = sorted(folder.glob("*.key"))
    open_ones = [path for path in keys if _read_mode(path) & OTHERS]
    remedy = f"chmod 700 {quote(str(folder))}; chmod 600 {quote(str(folder))}/*.key"
    if open_ones:
        said = f"{format_count(len(open_ones), 'key')} in {folder} can be read by other users: they are not used"
        yield Diagnosis("keys", State.FAILED, said, remedy)
    elif _read_mode(folder) & OTHERS:
        yield Diagnosis(
            "keys", State.WARNING, f"{folder} is accessible to other users (mode {_read_mode(folder):o})", remedy
        )
    else:
        yield Diagnosis("keys", State.OK, f"{format_count(len(keys), 'key')}, readable only by their owner")


def _read_mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
