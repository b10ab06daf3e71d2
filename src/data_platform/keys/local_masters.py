"""The local key management: master keys as files beside the keys that they wrap, for a home without a key service."""

from __future__ import annotations

import base64
import hashlib
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys.management import KEY_BYTES, WrappedKey, make_damaged_error
from data_platform.keys.private_files import MASTER_NAME, read_private
from data_platform.settings.disk import sync, write_once

_NONCE_BYTES = 12


class LocalMasterKeys:
    """Master keys as files `master-VERSION.key` of mode 0600, 32 bytes each; wraps with AES-256-GCM (NIST SP 800-38D).

    The context is authenticated data. The caller prevents concurrent calls of `rotate` and `retire`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_version(self) -> int | None:
        """Returns the newest version."""
        return max(self._list_versions(), default=None)

    def can_unwrap(self, wrapped: WrappedKey) -> bool:
        """Whether the file of the version exists. It may be another home's: `unwrap` compares it."""
        return wrapped.version in self._list_versions()

    def wrap(self, key: bytes, context: str) -> WrappedKey:
        """Wraps a key with the newest version."""
        version = self.find_version()
        if version is None:
            raise NotFound(f"there is no master key in {self._folder}")
        master = self._read(version)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        text = nonce + AESGCM(master).encrypt(nonce, key, context.encode())
        return WrappedKey(_identify(master), version, base64.b64encode(text).decode())

    def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        """Returns the key."""
        master = self._read(wrapped.version)
        if _identify(master) != wrapped.master:
            raise NotFound(f"master key {wrapped.version} in {self._folder} is not the one that wraps {context}")
        return _open(master, wrapped.text, context)

    def rewrap(self, wrapped: WrappedKey, context: str) -> WrappedKey:
        """Wraps the key with the newest version."""
        return self.wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> int:
        """Creates the next version; it is durable when its name appears."""
        version = (self.find_version() or 0) + 1
        if not write_once(self._build_path(version), secrets.token_bytes(KEY_BYTES), 0o600):
            raise StorageFailed(f"another program makes master keys in {self._folder}", hint="try again")
        return version

    def retire(self, version: int) -> None:
        """Deletes the files of earlier versions, durably."""
        earlier = [number for number in self._list_versions() if number < version]
        for number in earlier:
            self._build_path(number).unlink(missing_ok=True)
        if earlier:
            sync(self._folder)

    def _build_path(self, version: int) -> Path:
        return self._folder / f"master-{version}.key"

    def _list_versions(self) -> list[int]:
        try:
            names = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageFailed(f"cannot list {self._folder}: {error.strerror}") from error
        return [int(match[1]) for name in names if (match := MASTER_NAME.fullmatch(name))]

    def _read(self, version: int) -> bytes:
        path = self._build_path(version)
        try:
            master = read_private(path, f"master key {version}")
        except FileNotFoundError:
            raise NotFound(f"master key {version} is missing from {self._folder}") from None
        except OSError as error:
            raise StorageFailed(f"cannot read master key {version}: {error.strerror}") from error
        if len(master) != KEY_BYTES:
            raise StorageFailed(f"master key {version} is damaged: {len(master)} bytes instead of {KEY_BYTES}")
        return master


def _identify(master: bytes) -> str:
    """A digest that tells master keys apart; it does not reveal the key, which has 256 random bits."""
    return f"local:{hashlib.sha256(b'data-platform master key' + master).hexdigest()[:16]}"


def _open(master: bytes, text: str, context: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
        return AESGCM(master).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError):
        raise make_damaged_error(context) from None
