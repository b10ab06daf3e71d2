"""The file of one key id: its key, wrapped by a master key, and the erasures of earlier keys of the id.

    {"key": "orders/orders/email", "uid": "…", "made_at": "…", "master": "local:…", "version": 1, "wrapped": "…",
     "earlier": [{"master": "local:…", "version": 1, "wrapped": "…"}], "erasures": [{"at": "…", "by": "…"}]}

`earlier` are the keys that were current before, oldest first: versions that they encrypted still need them. An erasure
erases all of them. After one it has no `wrapped`, until a new key is made. Before there were master keys, the file was
the 32 bytes of the key.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from data_platform.errors import StorageFailed
from data_platform.keys.management import KEY_BYTES, WrappedKey
from data_platform.keys.states import Erasure

_UID = re.compile(r"[0-9a-f]{16}")


class MisplacedKey(StorageFailed):
    """The file of a key id holds the key of another one."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The content of a key's file. `wrapped` and `raw` are both None after an erasure; `raw` never shows in a repr."""

    key_id: str
    uid: str
    made_at: datetime | None = None
    wrapped: WrappedKey | None = None
    raw: bytes | None = field(default=None, repr=False)
    erasures: tuple[Erasure, ...] = ()
    earlier: tuple[WrappedKey, ...] = ()

    @property
    def is_erased(self) -> bool:
        """Whether the file holds no key."""
        return self.wrapped is None and self.raw is None

    def is_erased_by(self, uid: str | None, erasure: Erasure) -> bool:
        """Whether an erasure of the key `uid` is one of this key, and not of an earlier one.

        The erased key may have been missing then (None), and put back since; one that was made since lists the erasure.
        """
        return erasure not in self.erasures if uid is None else self.uid == uid

    def erase(self, erasure: Erasure) -> KeyFile:
        """Returns the file without its key."""
        return replace(self, wrapped=None, raw=None, earlier=(), erasures=(*self.erasures, erasure))


def parse_key_file(name: str, content: bytes, key_id: str | None = None) -> KeyFile:
    """Reads the file of `key_id`, or of the id that it names. `name` says in an error which key it is.

    Raises StorageFailed for damaged content, which it does not quote, and MisplacedKey for the file of another id.
    """
    if len(content) == KEY_BYTES and key_id is not None:
        return KeyFile(key_id, _identify(content), raw=content)
    try:
        file = _read_document(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        message = f"{name} is damaged: {len(content)} bytes that are no key"
        raise StorageFailed(message, hint="restore it from a backup with keys") from None
    if key_id is not None and file.key_id != key_id:
        raise MisplacedKey(f"{name} is the key of {file.key_id}", hint="restore it from a backup with keys")
    return file


def serialize_key_file(file: KeyFile) -> bytes:
    """Returns the bytes of a key's file; a raw key is never written again."""
    document: dict[str, Any] = {"key": file.key_id, "uid": file.uid}
    if file.made_at is not None:
        document["made_at"] = file.made_at.isoformat()
    if file.wrapped is not None:
        document |= _serialize_wrapped(file.wrapped)
    if file.earlier:
        document["earlier"] = [_serialize_wrapped(wrapped) for wrapped in file.earlier]
    if file.erasures:
        document["erasures"] = [{"at": erasure.at.isoformat(), "by": erasure.by} for erasure in file.erasures]
    return json.dumps(document, indent=1).encode() + b"\n"


def _serialize_wrapped(wrapped: WrappedKey) -> dict[str, Any]:
    return {"master": wrapped.master, "version": wrapped.version, "wrapped": wrapped.text}


def _read_wrapped(document: Any) -> WrappedKey:
    return WrappedKey(str(document["master"]), int(document["version"]), str(document["wrapped"]))


def _read_document(document: Any) -> KeyFile:
    key_id, uid, made_at = document["key"], document["uid"], document.get("made_at")
    key_id.encode()
    if not _UID.fullmatch(uid):
        raise ValueError
    erasures = (Erasure(_read_moment(item["at"]), str(item["by"])) for item in document.get("erasures", ()))
    wrapped = _read_wrapped(document) if "wrapped" in document else None
    earlier = tuple(map(_read_wrapped, document.get("earlier", ()))) if wrapped else ()
    when = None if made_at is None else _read_moment(made_at)
    file = KeyFile(key_id, uid, when, wrapped, erasures=tuple(erasures), earlier=earlier)
    if file.is_erased and not file.erasures:
        raise ValueError
    return file


def _read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _identify(key: bytes) -> str:
    """The identity of a key without one of its own; the digest does not reveal the key, which has 256 random bits."""
    return hashlib.sha256(b"data-platform key" + key).hexdigest()[:16]
