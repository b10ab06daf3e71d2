"""What every test stands on: none sees the mesh of whoever runs it."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.http_exceptions import find_reason, is_http
from tests.hypothesis_lanes import examples

settings.register_profile(
    "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=examples(100)
)
settings.load_profile("busy")
"""How fast values are drawn and examples run says how busy the machine is, and nothing of our code."""

_MEMORY, _ROOM = Path("/dev/shm"), 4 << 30
if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
"""Folders of tests are in memory where it has room: every publish waits for a disk a hundred times."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The run over HTTP skips what needs the mesh's own process, each with its reason."""
    for item in items if is_http() else ():
        if (reason := find_reason(item.nodeid)) is not None:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """Modules and collected tests live until the end: to visit them again and again takes a tenth of the whole run."""
    gc.freeze()
    gc.set_threshold(10_000)  # as the command line does


def pytest_unconfigure() -> None:
    """Else compiled modules report at the end of the process that their functions are still in use."""
    gc.unfreeze()


pytest_plugins = ["tests.postgres", "tests.workers", "tests.meshes"]


@pytest.fixture(autouse=True)
def _no_platform_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for variable in ("DATA_PLATFORM_HOME", "DATA_PLATFORM_TOKEN", "DATA_PLATFORM_URL", "DATA_PLATFORM_USER"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "config"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
