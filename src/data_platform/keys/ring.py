"""The local keyring: a key a file, readable by its owner alone, behind the interface that Vault and AWS KMS will fill.

A key is named `product/output` (signs the footers of an output's files) or `product/output/column` (seals a column).
One file a key makes erasure plain: drop the file, and what it sealed is gone for ever.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from data_platform.errors import NotFound, StorageFailed

KEY_BYTES = 32


class Keyring(Protocol):
    """What the platform asks of whoever keeps the keys."""

    def ensure(self, key_ids: Iterable[str]) -> list[str]:
        """Makes the keys that do not exist yet, and names them; safe when several processes do it at once."""

    def fetch(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """The keys by id, 32 bytes each; raises NotFound for one that was never made or was dropped."""


def footer_key_id(product: str, output: str) -> str:
    """The id of the key that signs the footers of an output's files."""
    return f"{product}/{output}"


def column_key_id(product: str, output: str, column: str) -> str:
    """The id of a column's key; quoted, because key ids may not hold `:`, `;` or `,`."""
    return f"{product}/{output}/{quote(column, safe='')}"


class PassingKeyring:
    """Keys that end with the process and lie nowhere: what they seal can be read by nobody later."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    def ensure(self, key_ids: Iterable[str]) -> list[str]:
        """Makes missing keys."""
        missing = [key_id for key_id in key_ids if key_id not in self._keys]
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
        missing = [key_id for key_id in key_ids if not self._path(key_id).exists()]
        return [key_id for key_id in missing if self._create(self._path(key_id))]

    def fetch(self, key_ids: Iterable[str]) -> dict[str, bytes]:
        """The keys by id."""
        return {key_id: self._read(key_id) for key_id in key_ids}

    def _path(self, key_id: str) -> Path:
        return self._folder / f"{hashlib.sha256(key_id.encode()).hexdigest()[:32]}.key"

    def _read(self, key_id: str) -> bytes:
        try:
            key = self._path(key_id).read_bytes()
        except FileNotFoundError:
            raise NotFound(f"the key of {key_id} does not exist any more: its data is erased") from None
        except OSError as error:
            raise StorageFailed(f"cannot read the key of {key_id}: {error.strerror}") from error
        if len(key) != KEY_BYTES:
            raise StorageFailed(f"the key of {key_id} is damaged: {len(key)} bytes instead of {KEY_BYTES}")
        return key

    def _create(self, path: Path) -> bool:
        """Link, not rename: whoever comes second keeps the first one's key, and made none."""
        draft = path.with_suffix(f".{secrets.token_hex(8)}.new")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(secrets.token_bytes(KEY_BYTES))
                    file.flush()
                    os.fsync(file.fileno())
                os.link(draft, path)
            except FileExistsError:
                return False
            finally:
                draft.unlink()
            _sync_folder(self._folder)
        except OSError as error:
            raise StorageFailed(f"cannot make a key in {self._folder}: {error.strerror}") from error
        return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
