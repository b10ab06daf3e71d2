"""Every storage behind the port; the tests that take `storage` run on each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from data_platform.tables.storage.local import LocalStorage
from data_platform.tables.storage.port import Storage
from tests.tables.storage.memory import MemoryStorage

BACKENDS: dict[str, Callable[[Path], Storage]] = {
    "disk": LocalStorage,
    "scratch": lambda folder: LocalStorage(folder, durable=False),
    "memory": lambda folder: MemoryStorage(),
}


@pytest.fixture(params=BACKENDS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty storage."""
    return BACKENDS[request.param](tmp_path / "root")
