"""The interface of keyrings, and the keyring of a process.

A key is named `product/output` (signs the footers of the files of an output) or `product/output/column` (encrypts a
column). Erasing the key of a column erases the data that it encrypts. The key of masks belongs to the mesh.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol
from urllib.parse import quote, unquote

from data_platform.errors import NotFound
from data_platform.keys.management import KEY_BYTES
from data_platform.keys.states import Erasure, KeyStatus, Rotation

MASK_KEY = "mask"
"""The id of the key of the masks that hash values; the id of any other key contains a slash."""

LOST = "LOST"
"""A file of this name beside the keys records that their loss is known, and that new keys may be created."""

NOT_IN_BACKUP = "NOT-IN-BACKUP"
"""A file of this name records that the home was restored from a backup without keys."""


class KeySupply(Protocol):
    """Makes and returns keys."""

    def ensure(self, key_ids: Iterable[str], now: datetime) -> list[str]:
        """Creates missing keys and returns their ids. Concurrent calls by several processes are safe."""

    def fetch(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """Returns the keys by id, 32 bytes each, with earlier ones of an id by `earlier_key_id`.

        Raises NotFound for a key that does not exist or was erased.
        """


class Keyring(KeySupply, Protocol):
    """The interface of a key store. Its changes are durable when a method returns, and atomic for each key."""

    def describe(self, key_ids: Iterable[str]) -> dict[str, KeyStatus]:
        """Returns the state of each key, without opening it."""

    def erase(self, key_id: str, uid: str | None, erasure: Erasure) -> None:
        """Erases the key if it is the one that `uid` identifies; None means one that is missing. It can be repeated."""

    def renew(self, key_id: str, now: datetime) -> None:
        """Creates a new key of an id, which encrypts from now on; the present one opens what it encrypted.

        Raises NotFound for a key that does not exist or was erased.
        """

    def rotate(self, key_ids: Collection[str]) -> Rotation:
        """Creates a new version of the master key, wraps every key with it, and removes the earlier versions.

        `key_ids` are those of keys that may not be wrapped yet. An interruption at any point loses no key. Raises
        StorageFailed for a key that cannot be opened; then nothing was changed.
        """

    def is_empty(self) -> bool:
        """Whether there are no keys, and their loss is not recorded."""


def footer_key_id(product: str, output: str) -> str:
    """Returns the id of the key that signs the footers of the files of an output."""
    return f"{product}/{output}"


def column_key_id(product: str, output: str, column: str) -> str:
    """Returns the id of the key of a column; quoted, because key ids must not contain `:`, `;` or `,`."""
    return f"{product}/{output}/{quote(column, safe='')}"


def earlier_key_id(key_id: str, number: int) -> str:
    """Returns the id, among fetched keys, of the key that was current before the renewal `number`, from 1."""
    return f"{key_id}/{number}"


def split_key_id(key_id: str) -> tuple[str, str, str | None]:
    """Returns the product's folder, the output and the column of a key id; the key of footers has no column."""
    folder, output, *column = key_id.split("/")
    return folder, output, unquote(column[0]) if column else None


class EphemeralKeyring:
    """Keys in memory only: data that they encrypt cannot be read after the process ends."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    def ensure(self, key_ids: Iterable[str], now: datetime) -> list[str]:
        """Creates missing keys and returns their ids."""
        missing = [key_id for key_id in key_ids if key_id not in self._keys]
        self._keys |= {key_id: secrets.token_bytes(KEY_BYTES) for key_id in missing}
        return missing

    def fetch(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """Returns the keys by id."""
        wanted = list(key_ids)
        if missing := [key_id for key_id in wanted if key_id not in self._keys]:
            raise NotFound(f"there is no key of {missing[0]}")
        return {key_id: self._keys[key_id] for key_id in wanted}
