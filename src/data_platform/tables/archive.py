"""A folder that is complete or absent: files are copied into a draft beside it, verified, and the draft is renamed.

A killed copy leaves a hidden draft, which is not taken for a backup. A process locks its draft while it runs, and the
kernel releases the lock when the process ends: the next copy into the same folder removes drafts without a lock.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from data_platform.errors import BadInput, StorageFailed
from data_platform.settings.disk import read_regular, replace_file, sync
from data_platform.tables.storage.errors import convert_storage_errors
from data_platform.tables.storage.locations import locate
from data_platform.tables.storage.port import Storage
from data_platform.tables.storage.reader import read_chunks
from data_platform.temporary_folders import lock_folder

LIST = "backup.json"
FORMAT = 1
_DRAFT = re.compile(r"\..*\.[0-9a-f]{16}\.partial", re.DOTALL)
_TRIES = 3
_CHUNK = 4 * 1024 * 1024
_PRIVATE, _READABLE = 0o600, 0o644


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """One file of a backup: its size, and the SHA-256 of its bytes."""

    bytes: int
    sha256: str


@contextmanager
def create_atomically(folder: Path) -> Iterator[Path]:
    """A private draft beside `folder`, which is renamed to it if the block succeeds, and removed otherwise.

    Raises BadInput if `folder` exists, StorageFailed if the disk fails.
    """
    require_vacant(folder)
    with convert_storage_errors(f"cannot write {folder}"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_interrupted(folder.parent)
        draft, lock = _make_draft(folder)
    try:
        yield draft
        with convert_storage_errors(f"cannot write {folder}"):
            for path, _, _ in os.walk(draft):
                sync(Path(path))
            require_vacant(folder)
            draft.rename(folder)
            sync(folder.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    finally:
        if lock is not None:
            os.close(lock)


def find_interrupted(parent: Path) -> list[Path]:
    """The drafts in a folder whose processes have ended."""
    return [draft for draft, _ in _lock_drafts(parent)]


def _remove_interrupted(parent: Path) -> None:
    for draft, _ in _lock_drafts(parent):
        shutil.rmtree(draft, ignore_errors=True)


def _lock_drafts(parent: Path) -> Iterator[tuple[Path, int]]:
    """Each draft without a lock, locked while it is yielded."""
    drafts: list[Path] = []
    with suppress(OSError):
        drafts += sorted(path for path in parent.iterdir() if _DRAFT.fullmatch(path.name))
    for draft in drafts:
        lock = lock_folder(draft)
        if lock is not None:
            try:
                yield draft, lock
            finally:
                os.close(lock)


def _make_draft(folder: Path) -> tuple[Path, int | None]:
    """A new draft and its lock; None as lock on a file system without locks."""
    for _ in range(_TRIES):
        draft = folder.parent / f".{folder.name[:100]}.{secrets.token_hex(8)}.partial"
        draft.mkdir(mode=0o700)
        lock = lock_folder(draft)
        if lock is not None:
            return draft, lock
        with suppress(OSError):  # another copy has just taken it for a leftover
            draft.rmdir()
    draft.mkdir(mode=0o700)
    return draft, None


def require_vacant(folder: Path) -> None:
    """Raises BadInput unless the path is free or an empty folder."""
    if not os.path.lexists(folder):
        return
    with suppress(OSError):
        if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
            return
    raise BadInput(f"{folder} already exists", hint="name a folder that does not exist yet, or move that one away")


def copy_file(source: Path, target: Path, *, private: bool = False) -> ArchivedFile:
    """Copies a regular file, waits until it is on disk, reads it again, and returns what was copied."""
    with convert_storage_errors(f"cannot copy {source} to {target}"):
        handle = os.open(source, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as reader:
            return _write_copy(iter(lambda: reader.read(_CHUNK), b""), target, _PRIVATE if private else _READABLE)


def copy_stored_file(storage: Storage, key: str, target: Path) -> ArchivedFile:
    """Copies a file of a table, as `copy_file` copies a file."""
    with convert_storage_errors(f"cannot copy {locate(storage, key)} to {target}"):
        return _write_copy(read_chunks(storage, key), target, _READABLE)


def _write_copy(chunks: Iterable[bytes], target: Path, mode: int) -> ArchivedFile:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as writer:
        digest, size = sha256(), 0
        for chunk in chunks:
            digest.update(chunk)
            size += writer.write(chunk)
        writer.flush()
        os.fsync(handle)
    kept = ArchivedFile(size, digest.hexdigest())
    if measure(target) != kept:
        raise StorageFailed(f"{target} is not what was written to it", hint="the disk fails: use another one")
    return kept


def make_private(folder: Path) -> None:
    """Gives every file of a folder the mode 0600."""
    with convert_storage_errors(f"cannot change the modes in {folder}"):
        for path, _, names in os.walk(folder):
            for name in names:
                (Path(path) / name).chmod(_PRIVATE)


def measure(path: Path) -> ArchivedFile:
    """Size and digest of a file on disk."""
    digest, size = sha256(), 0
    with path.open("rb") as reader:
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return ArchivedFile(size, digest.hexdigest())


def write_list(folder: Path, facts: Mapping[str, Any], files: Mapping[str, ArchivedFile]) -> None:
    """Writes the list of files; a folder without it is no backup."""
    listed = {name: {"bytes": kept.bytes, "sha256": kept.sha256} for name, kept in sorted(files.items())}
    content = {"format": FORMAT, **facts, "files": listed}
    with convert_storage_errors(f"cannot write {folder / LIST}"):
        replace_file(folder / LIST, json.dumps(content, indent=1).encode() + b"\n", 0o600)


def read_list(folder: Path) -> tuple[dict[str, Any], dict[str, ArchivedFile]]:
    """The facts about a backup, and its files; raises BadInput for a folder that is no complete backup."""
    path = folder / LIST
    try:
        facts = json.loads(read_regular(path))
        files = {
            name: ArchivedFile(int(entry["bytes"]), str(entry["sha256"])) for name, entry in facts.pop("files").items()
        }
        form = facts["format"]
    except (FileNotFoundError, NotADirectoryError):
        what = f"{folder} is no backup, or not a whole one: it has no {LIST}"
        raise BadInput(what, hint=_suggest_backup(folder)) from None
    except OSError as error:
        raise StorageFailed(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(f"{path} is damaged: it lists no files", hint="use another backup") from error
    if form != FORMAT:
        raise BadInput(f"{folder} is a backup of format {form!s:.20}, which this release does not know")
    strange = next((name for name in files if not _is_inside(name)), None)
    if strange is not None:
        raise BadInput(f"{path} names {strange!a}, which is no file of a backup")
    return facts, files


def _suggest_backup(folder: Path) -> str:
    """The backups in the folder, else what makes one."""
    try:
        names = sorted(str(path.parent) for path in folder.glob(f"*/{LIST}"))
    except OSError:
        names = []
    if names:
        return f"it has backups: {', '.join(names[:5])}"
    return "name the folder that `data-platform backup FOLDER` wrote"


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    plain = not path.is_absolute() and ".." not in path.parts and "\0" not in name and "\\" not in name
    return plain and str(path) == name and name != "."
