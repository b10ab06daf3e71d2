"""The list of erased keys of a home, outside its record: an older record, or an older backup, does not revive a key.

A file of one JSON document a line, which only grows: {"key": …, "uid": …, "version": …, "at": …, "by": …}. A line
without an end was never finished, and does not count.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from data_platform.errors import StorageFailed
from data_platform.settings.disk import read_regular, sync

FILE = "erasures.jsonl"
_REMEDY = "restore it from a backup, or move it away: then erasures after that backup are not applied again"


@dataclass(frozen=True, slots=True)
class ErasedKey:
    """An erasure of the key `uid` of an id (None: it was missing), for the versions of its output up to `version`."""

    key_id: str
    uid: str | None
    version: int
    at: datetime
    by: str


def read_erasures(home: Path) -> tuple[ErasedKey, ...]:
    """Returns the list of a home or of a backup, oldest first; empty without a file. Raises StorageFailed."""
    path = home / FILE
    try:
        *lines, _ = read_regular(path).split(b"\n")
        return tuple(_parse(line) for line in lines if line)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise StorageFailed(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError):
        raise StorageFailed(f"{path} is damaged: it has a line that names no erased key", hint=_REMEDY) from None


def append_erasures(home: Path, erased: Iterable[ErasedKey]) -> None:
    """Adds what the list of a home does not have yet; it is on disk when the function returns. Raises StorageFailed."""
    listed, entries = set(read_erasures(home)), list(erased)
    if listed.issuperset(entries):
        return
    path = home / FILE
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(handle, fcntl.LOCK_EX)
            listed = set(read_erasures(home))  # another program may have been faster
            file.seek(file.read().rfind(b"\n") + 1)
            file.truncate()
            file.write("".join(f"{_serialize(entry)}\n" for entry in entries if entry not in listed).encode())
            file.flush()
            os.fsync(handle)
        sync(home)
    except OSError as error:
        raise StorageFailed(f"cannot write {path}: {error.strerror}", hint="nothing was erased; try again") from error


def _parse(line: bytes) -> ErasedKey:
    document = json.loads(line)
    at = datetime.fromisoformat(document["at"])
    if at.tzinfo is None:
        raise ValueError
    uid = document["uid"]
    return ErasedKey(
        str(document["key"]), None if uid is None else str(uid), int(document["version"]), at, str(document["by"])
    )


def _serialize(entry: ErasedKey) -> str:
    document = {"key": entry.key_id, "uid": entry.uid, "version": entry.version}
    return json.dumps(document | {"at": entry.at.isoformat(), "by": entry.by})
