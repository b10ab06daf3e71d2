"""Who else may read the home and its keys."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from data_platform.cli.console.text import amount
from data_platform.cli.doctor.check import Check, State
from data_platform.keys.ring import OTHERS

_EVERYBODY = 0o007


def check_privacy(home: Path) -> Iterator[Check]:
    """The home may be a group's, and is not everybody's; the keys are their owner's alone. Nothing is said where so."""
    if os.name != "posix":
        return
    mode = _mode(home)
    if mode & _EVERYBODY:
        said = f"{home} is open to everybody (mode {mode:o})"
        yield Check("privacy", State.WARNING, said, f"chmod -R o-rwx {quote(str(home))}")
    yield from _keys(home / "keys")


def _keys(folder: Path) -> Iterator[Check]:
    if not folder.is_dir():
        return
    keys = sorted(folder.glob("*.key"))
    open_ones = [path for path in keys if _mode(path) & OTHERS]
    mend = f"chmod 700 {quote(str(folder))}; chmod 600 {quote(str(folder))}/*.key"
    if open_ones:
        said = f"{amount(len(open_ones), 'key')} in {folder} may be read by others: they are not used"
        yield Check("keys", State.FAILED, said, mend)
    elif _mode(folder) & OTHERS:
        yield Check("keys", State.WARNING, f"{folder} is open to others (mode {_mode(folder):o})", mend)
    else:
        yield Check("keys", State.OK, f"{amount(len(keys), 'key')}, readable by their owner alone")


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
