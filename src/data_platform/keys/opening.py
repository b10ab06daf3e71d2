"""The keyring of a home."""

from __future__ import annotations

from data_platform.errors import StorageFailed
from data_platform.keys.local_ring import LocalKeyring
from data_platform.keys.managers import KeyManagers
from data_platform.settings import Home, Settings
from data_platform.settings.mesh_id import identity_file, read_mesh_id


def open_keyring(home: Home, settings: Settings) -> LocalKeyring:
    """The keyring in the home's folder `keys`, whose keys the key manager of the settings wraps."""
    return LocalKeyring(home.path / "keys", open_key_managers(home, settings))


def open_key_managers(home: Home, settings: Settings) -> KeyManagers:
    """The key managers of the settings; nothing is loaded or asked before the first use."""
    return KeyManagers(settings.keys, home.path / "keys", lambda: _require_mesh_id(home))


def _require_mesh_id(home: Home) -> str:
    mesh = read_mesh_id(home)
    if mesh is None:
        raise StorageFailed(
            f"{identity_file(home)} is missing: the key manager binds each key to the mesh",
            hint="any command that opens the mesh writes it",
        )
    return mesh
