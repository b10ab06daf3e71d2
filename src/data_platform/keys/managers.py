"""The key managers of a home: the one of the settings wraps keys, and each key is opened by the one that wrapped it.

So a mesh moves from one key manager to another by a change of the settings and `keys rotate`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Lock

from data_platform.errors import NotFound, StorageFailed
from data_platform.keys.management import KeyManagement, WrappedKey
from data_platform.settings.key_managers import KeyManagerName, KeyManagerSettings

REMEMBERED_SECONDS = 60.0
"""How long a key that a key service opened is used without asking the service again."""


class KeyManagers:
    """A `KeyManagement` over those that the settings declare. Threads may share it; each is loaded when it is used.

    `folder` is that of local master keys; `read_mesh` returns the identity of the mesh, which key services bind to each
    key.
    """

    def __init__(self, settings: KeyManagerSettings, folder: Path, read_mesh: Callable[[], str]) -> None:
        self.name = settings.manager
        self._settings = settings
        self._folder = folder
        self._read_mesh = read_mesh
        self._managers: dict[KeyManagerName, KeyManagement] = {}
        self._opened: dict[tuple[WrappedKey, str], tuple[bytes, float]] = {}
        self._lock = Lock()

    def find_version(self) -> int | None:
        """Returns the newest version of the master key that wraps."""
        return self._get(self.name).find_version()

    def can_unwrap(self, wrapped: WrappedKey) -> bool:
        """Whether the settings declare the key manager that wrapped a key, and it has the version."""
        name = _get_name(wrapped)
        return name is not None and self._is_declared(name) and self._get(name).can_unwrap(wrapped)

    def wrap(self, key: bytes, context: str) -> WrappedKey:
        """Wraps a key with the key manager of the settings."""
        return self._get(self.name).wrap(key, context)

    def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        """Returns the key, opened by the key manager that wrapped it."""
        name = _get_name(wrapped)
        if name is None or not self._is_declared(name):
            raise NotFound(
                f"{wrapped.master} wraps the key of {context}, and the settings do not declare it",
                hint=f"add [keys.{name}] to settings.toml" if name else "upgrade data-platform",
            )
        if name is KeyManagerName.LOCAL:
            return self._get(name).unwrap(wrapped, context)
        with self._lock:
            key, until = self._opened.get((wrapped, context), (b"", 0.0))
        if time.monotonic() >= until:
            key = self._get(name).unwrap(wrapped, context)
            with self._lock:
                self._opened[wrapped, context] = (key, time.monotonic() + REMEMBERED_SECONDS)
        return key

    def rewrap(self, wrapped: WrappedKey, context: str) -> WrappedKey:
        """Wraps a wrapped key with the key manager of the settings."""
        manager = self._get(self.name)
        if _get_name(wrapped) is self.name and manager.can_unwrap(wrapped):
            return manager.rewrap(wrapped, context)
        return manager.wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> int:
        """Creates the next version of the master key that wraps."""
        return self._get(self.name).rotate()

    def retire(self, version: int) -> None:
        """Ends earlier versions of the master key that wraps, and removes local ones if they wrap no more."""
        self._get(self.name).retire(version)
        if self.name is not KeyManagerName.LOCAL:
            local = self._get(KeyManagerName.LOCAL)
            newest = local.find_version()
            if newest is not None:
                local.retire(newest + 1)

    def _is_declared(self, name: KeyManagerName) -> bool:
        return name is KeyManagerName.LOCAL or getattr(self._settings, name.value) is not None

    def _get(self, name: KeyManagerName) -> KeyManagement:
        with self._lock:
            if name not in self._managers:
                self._managers[name] = self._load(name)
            return self._managers[name]

    def _load(self, name: KeyManagerName) -> KeyManagement:
        """Loads cryptography or a client of a service, which no command needs that reads no personal data."""
        if name is KeyManagerName.LOCAL:
            local: KeyManagement = import_module("data_platform.keys.local_masters").LocalMasterKeys(self._folder)
            return local
        if name is KeyManagerName.VAULT:
            kind = import_module("data_platform.keys.vault_transit").VaultTransit
            vault: KeyManagement = kind(self._settings.vault, self._read_mesh())
            return vault
        kind = import_module("data_platform.keys.aws_kms").AwsKms
        aws_kms: KeyManagement = kind(self._settings.aws_kms, self._read_mesh())
        return aws_kms


def check_answer(management: KeyManagement) -> int | None:
    """Wraps and opens a key that is not used; returns the version of the master key, None if there is none yet.

    Raises StorageFailed, NotFound or MissingExtra for a key manager that cannot do it.
    """
    version = management.find_version()
    if version is None:
        return None
    key = bytes(range(32))
    wrapped = management.wrap(key, "check")
    if management.unwrap(wrapped, "check") != key:
        raise StorageFailed("the key manager returns another key than the one that it wrapped")
    return wrapped.version


def _get_name(wrapped: WrappedKey) -> KeyManagerName | None:
    name = wrapped.master.partition(":")[0]
    return KeyManagerName(name) if name in list(KeyManagerName) else None
