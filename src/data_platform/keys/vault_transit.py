"""Vault's Transit engine as key manager: its key wraps keys, and never leaves Vault.

Source: https://developer.hashicorp.com/vault/api-docs/secret/transit. The key is derived: Vault makes a key of its own
for each context, which names the mesh and the id of the key that is wrapped. So the wrapped key of one column does not
open as that of another.
"""

from __future__ import annotations

import base64
import binascii
import re
from http import HTTPStatus
from typing import Any

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys.management import WrappedKey, make_damaged_error
from data_platform.keys.vault_client import VaultAnswer, VaultClient
from data_platform.settings.key_managers import KeyManagerName, VaultSettings

_CIPHERTEXT = re.compile(r"vault:v([1-9][0-9]{0,8}):([A-Za-z0-9+/]+={0,2})")
_TYPES = ("aes256-gcm96", "aes128-gcm96", "chacha20-poly1305")
_TOO_OLD = "too old"
"""What Vault says of a ciphertext of a version below `min_decryption_version`."""


class VaultTransit:
    """A key of the Transit engine. Threads may share it; nothing is sent before the first call."""

    def __init__(self, settings: VaultSettings, mesh: str) -> None:
        self._settings = settings
        self._mesh = mesh
        self._client = VaultClient(settings)

    def __repr__(self) -> str:
        return f"VaultTransit({self._settings.mount!r}, {self._settings.key!r})"

    @property
    def _master(self) -> str:
        return f"{KeyManagerName.VAULT}:{self._settings.mount}/{self._settings.key}"

    def find_version(self) -> int | None:
        """Returns the newest version of the key; None if there is no such key.

        Raises StorageFailed for a key that does not bind contexts, or does not encrypt.
        """
        answer = self._client.send("GET", self._build_path("keys"))
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        data = self._require(answer, "read the key")
        name = f"the key {self._settings.key} of Vault's {self._settings.mount}"
        if data.get("type") not in _TYPES or data.get("derived") is not True:
            raise StorageFailed(
                f"{name} is not used: it must be derived, of a type such as {_TYPES[0]}",
                hint="name another key in settings.toml; keys rotate creates it, if the policy allows that",
            )
        versions = [int(version) for version in data.get("keys", {}) if str(version).isdigit()]
        if not versions:
            raise StorageFailed(f"{name} has no version")
        return max(versions)

    def can_unwrap(self, wrapped: WrappedKey) -> bool:
        """Whether this key of Vault wrapped it."""
        return wrapped.master == self._master

    def wrap(self, key: bytes, context: str) -> WrappedKey:
        """Encrypts a key with the newest version."""
        self._require_key()
        body = {"plaintext": base64.b64encode(key).decode(), "context": self._encode_context(context)}
        answer = self._client.send("POST", self._build_path("encrypt"), body)
        return self._read_wrapped(self._require(answer, "encrypt"))

    def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        """Decrypts a key."""
        body = self._make_body(wrapped, context)
        answer = self._client.send("POST", self._build_path("decrypt"), body)
        text = self._require_opened(answer, wrapped, context).get("plaintext")
        try:
            return base64.b64decode(str(text), validate=True)
        except (binascii.Error, ValueError):
            raise self._make_strange_error("decrypt") from None

    def rewrap(self, wrapped: WrappedKey, context: str) -> WrappedKey:
        """Encrypts a key again inside Vault, with the newest version."""
        body = self._make_body(wrapped, context)
        answer = self._client.send("POST", self._build_path("rewrap"), body)
        return self._read_wrapped(self._require_opened(answer, wrapped, context))

    def rotate(self) -> int:
        """Creates the next version of the key; creates the key, derived, if there is none."""
        if self.find_version() is None:
            answer = self._client.send("POST", self._build_path("keys"), {"type": _TYPES[0], "derived": True})
        else:
            answer = self._client.send("POST", f"{self._build_path('keys')}/rotate")
        self._require(answer, "rotate the key")
        return self._require_key()

    def retire(self, version: int) -> None:
        """Makes Vault refuse to decrypt with earlier versions; it keeps them, and an admin may allow them again."""
        body = {"min_decryption_version": version}
        self._require(self._client.send("POST", f"{self._build_path('keys')}/config", body), "configure the key")

    def _build_path(self, action: str) -> str:
        return f"{self._settings.mount}/{action}/{self._settings.key}"

    def _encode_context(self, context: str) -> str:
        return base64.b64encode(f"{self._mesh}/{context}".encode()).decode()

    def _make_body(self, wrapped: WrappedKey, context: str) -> dict[str, Any]:
        ciphertext = f"vault:v{wrapped.version}:{wrapped.text}"
        if not self.can_unwrap(wrapped):
            raise NotFound(f"{self._master} is not the master key that wraps {context}: that is {wrapped.master}")
        if _CIPHERTEXT.fullmatch(ciphertext) is None:
            raise make_damaged_error(context)
        return {"ciphertext": ciphertext, "context": self._encode_context(context)}

    def _require_key(self) -> int:
        version = self.find_version()
        if version is None:
            raise NotFound(
                f"Vault's {self._settings.mount} has no key {self._settings.key}",
                hint="data-platform keys rotate creates it; or create it derived: vault write "
                f"{self._settings.mount}/keys/{self._settings.key} derived=true",
            )
        return version

    def _require_opened(self, answer: VaultAnswer, wrapped: WrappedKey, context: str) -> dict[str, Any]:
        """The data of an answer about a ciphertext; raises NotFound if Vault no longer has or allows its version."""
        if answer.status == HTTPStatus.BAD_REQUEST:
            if any(_TOO_OLD in error for error in answer.errors):
                raise NotFound(
                    f"Vault does not open version {wrapped.version} of {self._settings.key}, which wraps {context}",
                    hint=f"an admin may lower min_decryption_version of {self._settings.key}",
                )
            if any("not found" in error for error in answer.errors):
                self._require_key()
            raise make_damaged_error(context)
        return self._require(answer, "open a key")

    def _require(self, answer: VaultAnswer, purpose: str) -> dict[str, Any]:
        if answer.status not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
            raise StorageFailed(
                f"Vault at {self._settings.address} does not {purpose}: status {answer.status}",
                hint=f"check that Transit is mounted at {self._settings.mount}, and [keys.vault] in settings.toml",
            )
        return answer.data

    def _read_wrapped(self, data: dict[str, Any]) -> WrappedKey:
        match = _CIPHERTEXT.fullmatch(str(data.get("ciphertext")))
        if match is None:
            raise self._make_strange_error("encrypt")
        return WrappedKey(self._master, int(match[1]), match[2])

    def _make_strange_error(self, action: str) -> StorageFailed:
        return StorageFailed(f"{self._settings.address} does not answer {action} as Vault does")
