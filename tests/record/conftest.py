"""The record's behaviour is one: every test that takes `url` or `record` runs on SQLite and on Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data_platform.record.store import Record


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.engines)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/record.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def record(url: str) -> Iterator[Record]:
    """An open, empty record."""
    with Record.open(url) as opened:
        yield opened
