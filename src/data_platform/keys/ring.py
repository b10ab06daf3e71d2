"""The local keyring: a key a file, readable by its owner alone, behind the interface that Vault and AWS KMS will fill.

A key is named `product/output` (signs the footers of an output's files) or `product/output/column` (seals a column).
One file a key makes erasure plain: drop the file, and what it sealed is gone for ever.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from shlex import quote as quote_shell
from typing import Protocol
from urllib.parse import quote

from data_platform.errors import NotFound, StorageFailed
from data_platform.settings.disk import read_regular, write_once

KEY_BYTES = 32
OTHERS = 0o077
"""Nobody but the owner may do anything with a key."""
LOST = "LOST"
"""A file of this name among the keys says that their loss is known, and that new ones may be made."""

NOT_IN_BACKUP = "NOT-IN-BACKUP"
"""A file of this name says that the home was restored from a backup without keys."""


@dataclass(frozen=True, slots=True)
class MissingKeys:
    """Why the keys of an output are not there although nobody erased its data, and how they come back."""

    reason: str
    remedy: str


class Keyring(Protocol):
    """What the platform asks of whoever keeps the keys."""

    def ensure(self, key_ids: Iterable[str]) -> list[str]:
        """Makes the keys that do not exist yet, and names them; safe when several processes do it at once."""

    def fetch(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """The keys by id, 32 bytes each; raises NotFound for one that was never made or was dropped."""

    def missing(self, key_ids: Iterable[str]) -> list[str]:
        """Those that do not exist."""

    def is_empty(self) -> bool:
        """Whether there is no key at all, where nobody said that they are gone for good."""


def footer_key_id(product: str, output: str) -> str:
    """The id of the key that signs the footers of an output's files."""
    return f"{product}/{output}"


def column_key_id(product: str, output: str, column: str) -> str:
    """The id of a column's key; quoted, because key ids may not hold `:`, `;` or `,`."""
    return f"{product}/{output}/{quote(column, safe='')}"


class EphemeralKeyring:
    """Keys that end with the process and lie nowhere: what they seal can be read by nobody later."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    def missing(self, key_ids: Iterable[str]) -> list[str]:
        """Those that were not made."""
        return [key_id for key_id in key_ids if key_id not in self._keys]

    def is_empty(self) -> bool:
        """Never: nothing that lasts is sealed with these keys, so none is missed."""
        return False

    def ensure(self, key_ids: Iterable[str]) -> list[str]:
        """Makes missing keys."""
        missing = self.missing(key_ids)
        self._keys |= {key_id: secrets.token_bytes(KEY_BYTES) for key_id in missing}
        return missing

    def fetch(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """The keys by id."""
        wanted = list(key_ids)
        if missing := [key_id for key_id in wanted if key_id not in self._keys]:
            raise NotFound(f"there is no key of {missing[0]}")
        return {key_id: self._keys[key_id] for key_id in wanted}


class LocalKeyring:
    """Keys as files of mode 0600 in one folder of mode 0700."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ensure(self, key_ids: Iterable[str]) -> list[str]:
        """Makes missing keys, each complete on disk before it has its name."""
        return [key_id for key_id in self.missing(key_ids) if self._create(self._path(key_id))]

    def missing(self, key_ids: Iterable[str]) -> list[str]:
        """Those without a file."""
        try:
            return [key_id for key_id in key_ids if not os.path.lexists(self._path(key_id))]
        except OSError as error:
            raise StorageFailed(f"cannot look for keys in {self._folder}: {error.strerror}") from error

    def is_empty(self) -> bool:
        """Whether the folder has no key; not where the file `LOST` says that this is known."""
        return not any(self._folder.glob("*.key")) and not (self._folder / LOST).exists()

    def fetch(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """The keys by id."""
        return {key_id: self._read(key_id) for key_id in key_ids}

    def _path(self, key_id: str) -> Path:
        return self._folder / f"{hashlib.sha256(key_id.encode()).hexdigest()[:32]}.key"

    def _read(self, key_id: str) -> bytes:
        try:
            key = self._read_private(key_id)
        except FileNotFoundError:
            raise NotFound(f"the key of {key_id} does not exist any more: its data is erased") from None
        except OSError as error:
            raise StorageFailed(f"cannot read the key of {key_id}: {error.strerror}") from error
        if len(key) != KEY_BYTES:
            raise StorageFailed(f"the key of {key_id} is damaged: {len(key)} bytes instead of {KEY_BYTES}")
        return key

    def _read_private(self, key_id: str) -> bytes:
        path = self._path(key_id)
        if os.name == "posix" and (open_to := stat.S_IMODE(path.stat().st_mode) & OTHERS):
            who = "everybody" if open_to & 0o007 else "the group"
            raise StorageFailed(
                f"the key of {key_id} is not used: its file {path} is open to {who} "
                f"(mode {stat.S_IMODE(path.stat().st_mode):o})",
                hint=f"chmod 700 {quote_shell(str(self._folder))}; chmod 600 {quote_shell(str(self._folder))}/*.key; "
                "who may have read the keys may have read the data",
            )
        return read_regular(path)

    def _create(self, path: Path) -> bool:
        """Whoever comes second keeps the first one's key, and made none."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return write_once(path, secrets.token_bytes(KEY_BYTES), 0o600)
        except OSError as error:
            raise StorageFailed(f"cannot make a key in {self._folder}: {error.strerror}") from error
