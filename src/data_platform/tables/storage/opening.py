"""The storage of a home's tables."""

from __future__ import annotations

from data_platform.settings import Home
from data_platform.tables.storage.local import LocalStorage
from data_platform.tables.storage.port import Storage


def open_storage(home: Home) -> Storage:
    """The storage of the home's tables: its folder `tables`."""
    return LocalStorage(home.path / "tables")
