"""A key management in memory, as a key service would be: its master keys never leave it."""

from __future__ import annotations

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys.management import WrappedKey


class EphemeralManagement:
    """Master keys in memory only."""

    def __init__(self) -> None:
        self._masters: dict[int, bytes] = {}
        self._made = 0

    def find_version(self) -> int | None:
        return max(self._masters, default=None)

    def can_unwrap(self, wrapped: WrappedKey) -> bool:
        return wrapped.version in self._masters

    def wrap(self, key: bytes, context: str) -> WrappedKey:
        version = self.find_version()
        if version is None:
            raise NotFound("there is no master key")
        nonce = secrets.token_bytes(12)
        text = nonce + ChaCha20Poly1305(self._masters[version]).encrypt(nonce, key, context.encode())
        return WrappedKey("memory", version, base64.b64encode(text).decode())

    def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        if wrapped.version not in self._masters:
            raise NotFound(f"master key {wrapped.version} is missing")
        try:
            text = base64.b64decode(wrapped.text, validate=True)
            return ChaCha20Poly1305(self._masters[wrapped.version]).decrypt(text[:12], text[12:], context.encode())
        except (InvalidTag, ValueError):
            raise StorageFailed(f"the key of {context} is damaged") from None

    def rewrap(self, wrapped: WrappedKey, context: str) -> WrappedKey:
        return self.wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> int:
        self._made += 1
        self._masters[self._made] = secrets.token_bytes(32)
        return self._made

    def retire(self, version: int) -> None:
        self._masters = {number: key for number, key in self._masters.items() if number >= version}
