"""Key management: a master key wraps the keys of columns, so that replacing it rewrites no data.

A backend, such as a cloud provider's key service, implements `KeyManagement`; its master key never leaves it. The
keyring keeps the wrapped keys, and erasing one of them is an act of the keyring.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from data_platform.errors import StorageFailed

KEY_BYTES = 32


class WrappedKey(NamedTuple):
    """A key that only the named version of a master key can open; `text` is its ciphertext, as Base64.

    `master` is the name of the key manager, a colon, and what it calls the master key.
    """

    master: str
    version: int
    text: str


class KeyManagement(Protocol):
    """A master key with versions. A key is wrapped with the newest one and opened with the one that wrapped it.

    Raises StorageFailed where a key service does not answer or refuses; no error contains a key or a credential.
    """

    def find_version(self) -> int | None:
        """Returns the newest version; None if there is no master key."""

    def can_unwrap(self, wrapped: WrappedKey) -> bool:
        """Whether the version that wrapped a key exists, as far as that can be told without asking a key service."""

    def wrap(self, key: bytes, context: str) -> WrappedKey:
        """Wraps a key with the newest version; only the same `context` opens it. Raises NotFound without a version."""

    def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        """Returns the key.

        Raises NotFound if the version does not exist, and StorageFailed if the text was changed or belongs to another
        context.
        """

    def rewrap(self, wrapped: WrappedKey, context: str) -> WrappedKey:
        """Wraps a wrapped key with the newest version; raises what `unwrap` raises.

        A key service does it without revealing the key.
        """

    def rotate(self) -> int:
        """Creates the next version of the master key, or its first, and returns it."""

    def retire(self, version: int) -> None:
        """Ends the versions before `version`: what they wrapped is not opened again.

        A key service that keeps earlier versions for ever, such as AWS KMS, does nothing.
        """


def make_damaged_error(context: str) -> StorageFailed:
    """Returns the error of a wrapped key that its master key does not open."""
    return StorageFailed(
        f"the key of {context} is damaged, or it is the key of something else",
        hint="restore it from a backup with keys",
    )
