"""What every test stands on: none sees the mesh of whoever runs it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
"""How fast values are drawn and examples run says how busy the machine is, and nothing of our code."""

pytest_plugins = ["tests.postgres", "tests.meshes"]


@pytest.fixture(autouse=True)
def _no_platform_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DATA_PLATFORM_HOME", "DATA_PLATFORM_URL", "DATA_PLATFORM_USER"):
        monkeypatch.delenv(variable, raising=False)
