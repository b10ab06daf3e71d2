"""Checks the file permissions of the home and its keys."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote

from data_platform.cli.console.text import format_count
from data_platform.cli.doctor.check import Diagnosis, State
from data_platform.errors import StorageFailed
from data_platform.keys.key_file import parse_key_file
from data_platform.keys.management import KEY_BYTES
from data_platform.keys.private_files import MASTER_NAME, OTHERS, OTHERS_LIST
from data_platform.settings import KeyManagerName
from data_platform.settings.disk import read_regular

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
    files = sorted(folder.glob("*.key"))
    open_ones = [path for path in files if _read_mode(path) & OTHERS]
    remedy = f"chmod 700 {quote(str(folder))}; chmod 600 {quote(str(folder))}/*.key"
    if open_ones:
        said = f"{format_count(len(open_ones), 'key')} in {folder} can be read by other users: they are not used"
        yield Diagnosis("keys", State.FAILED, said, remedy)
    elif _read_mode(folder) & OTHERS:
        said = f"{folder} is accessible to other users (mode {_read_mode(folder):o})"
        state = State.FAILED if _read_mode(folder) & OTHERS_LIST else State.WARNING
        yield Diagnosis("keys", state, said, remedy)
    else:
        yield from _check_master(folder, [path for path in files if not MASTER_NAME.fullmatch(path.name)])


def _check_master(folder: Path, keys: Sequence[Path]) -> Iterator[Diagnosis]:
    sizes = [_read_size(path) for path in keys]
    raw = sizes.count(KEY_BYTES)
    masters = [path for path in folder.glob("*.key") if MASTER_NAME.fullmatch(path.name)]
    if not masters and any(map(_needs_local_master, keys)):
        remedy = f"copy the files master-*.key of a backup with keys to {folder}, with mode 600"
        yield Diagnosis("keys", State.FAILED, f"the master key is missing from {folder}: no key can be used", remedy)
        return
    if len(masters) > 1:
        said = f"{len(masters)} master keys in {folder}: a rotation was interrupted, or runs now"
        yield Diagnosis("keys", State.WARNING, said, "data-platform keys rotate")
    if raw:
        said = f"{format_count(raw, 'key')} of an earlier release in {folder}, not wrapped by a master key"
        yield Diagnosis("keys", State.WARNING, said, "data-platform keys rotate")
    yield Diagnosis("keys", State.OK, f"{format_count(len(keys), 'key')}, readable only by their owner")


def _needs_local_master(path: Path) -> bool:
    try:
        wrapped = parse_key_file(path.name, read_regular(path)).wrapped
    except (OSError, StorageFailed):
        return False
    return wrapped is not None and wrapped.master.startswith(f"{KeyManagerName.LOCAL}:")


def _read_mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _read_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
