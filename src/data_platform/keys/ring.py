"""The local keyring: one file per key, readable only by its owner, behind an interface for other key stores.

A key is named `product/output` (signs the footers of the files of an output) or `product/output/column` (encrypts a
column). Deleting the file of a key erases the data that it encrypts.
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
"""The mode bits of users other than the owner, who must have no access to a key."""
LOST = "LOST"
"""A file of this name beside the keys records that their loss is known, and that new keys may be created."""

NOT_IN_BACKUP = "NOT-IN-BACKUP"
"""A file of this name records that the home was restored from a backup without keys."""


@dataclass(frozen=True, slots=True)
class MissingKeys:
    """The reason why the keys of an output are missing although its data was not erased, and the remedy."""

    reason: str
    remedy: str


class Keyring(Protocol):
    """The interface of a key store."""

    def ensure(self, key_ids: Iterable[str]) -> list[str]:
        """Creates missing keys and returns their ids. Concurrent calls by several processes are safe."""

    def fetch(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """Returns the keys by id, 32 bytes each. Raises NotFound for a key that does not exist or was erased."""

    def find_missing(self, key_ids: Iterable[str]) -> list[str]:
        """Returns the ids whose keys do not exist."""

    def is_empty(self) -> bool:
        """Whether there are no keys, and their loss is not recorded."""


def footer_key_id(product: str, output: str) -> str:
    """Returns the id of the key that signs the footers of the files of an output."""
    return f"{product}/{output}"


def column_key_id(product: str, output: str, column: str) -> str:
    """Returns the id of the key of a column; quoted, because key ids must not contain `:`, `;` or `,`."""
    return f"{product}/{output}/{quote(column, safe='')}"


class EphemeralKeyring:
    """Keys in memory only: data that they encrypt cannot be read after the process ends."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    def find_missing(self, key_ids: Iterable[str]) -> list[str]:
        """Returns the ids whose keys were not created."""
        return [key_id for key_id in key_ids if key_id not in self._keys]

    def is_empty(self) -> bool:
        """Always false: no permanent data is encrypted with these keys."""
        return False

    def ensure(self, key_ids: Iterable[str]) -> list[str]:
        """Creates missing keys and returns their ids."""
        missing = self.find_missing(key_ids)
        self._keys |= {key_id: secrets.token_bytes(KEY_BYTES) for key_id in missing}
        return missing

    def fetch(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """Returns the keys by id."""
        wanted = list(key_ids)
        if missing := [key_id for key_id in wanted if key_id not in self._keys]:
            raise NotFound(f"there is no key of {missing[0]}")
        return {key_id: self._keys[key_id] for key_id in wanted}


class LocalKeyring:
    """Keys as files of mode 0600 in one folder of mode 0700."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ensure(self, key_ids: Iterable[str]) -> list[str]:
        """Creates missing keys and returns their ids; a key file gets its name when it is complete on disk."""
        return [key_id for key_id in self.find_missing(key_ids) if self._create(self._build_path(key_id))]

    def find_missing(self, key_ids: Iterable[str]) -> list[str]:
        """Returns the ids without a file."""
        try:
            return [key_id for key_id in key_ids if not os.path.lexists(self._build_path(key_id))]
        except OSError as error:
            raise StorageFailed(f"cannot look for keys in {self._folder}: {error.strerror}") from error

    def is_empty(self) -> bool:
        """Whether the folder has no keys; false if the file `LOST` records that they are lost."""
        return not any(self._folder.glob("*.key")) and not (self._folder / LOST).exists()

    def fetch(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """Returns the keys by id."""
        return {key_id: self._read(key_id) for key_id in key_ids}

    def _build_path(self, key_id: str) -> Path:
        return self._folder / f"{hashlib.sha256(key_id.encode()).hexdigest()[:32]}.key"

    def _read(self, key_id: str) -> bytes:
        try:
            key = self._read_private(key_id)
        except FileNotFoundError:
            raise NotFound(f"the key of {key_id} no longer exists: its data is erased") from None
        except OSError as error:
            raise StorageFailed(f"cannot read the key of {key_id}: {error.strerror}") from error
        if len(key) != KEY_BYTES:
            raise StorageFailed(f"the key of {key_id} is damaged: {len(key)} bytes instead of {KEY_BYTES}")
        return key

    def _read_private(self, key_id: str) -> bytes:
        path = self._build_path(key_id)
        if os.name == "posix" and (open_to := stat.S_IMODE(path.stat().st_mode) & OTHERS):
            who = "all users" if open_to & 0o007 else "its group"
            raise StorageFailed(
                f"the key of {key_id} is not used: its file {path} is accessible to {who} "
                f"(mode {stat.S_IMODE(path.stat().st_mode):o})",
                hint=f"chmod 700 {quote_shell(str(self._folder))}; chmod 600 {quote_shell(str(self._folder))}/*.key; "
                "other users may have read the keys, and therefore the data",
            )
        return read_regular(path)

    def _create(self, path: Path) -> bool:
        """Creates a key; returns False if it exists already, also if another process creates it first."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return write_once(path, secrets.token_bytes(KEY_BYTES), 0o600)
        except OSError as error:
            raise StorageFailed(f"cannot make a key in {self._folder}: {error.strerror}") from error
