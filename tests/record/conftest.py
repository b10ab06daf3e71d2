"""The record's behaviour is one: every test that takes `url` or `record` runs on SQLite and on Postgres."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def begun_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty record of SQLite, made once and copied."""
    path = tmp_path_factory.mktemp("begun") / "record.db"
    Record.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def record(url: str, begun_file: Path) -> Iterator[Record]:
    """An open, empty record."""
    if url.startswith("sqlite:///"):
        shutil.copyfile(begun_file, url.removeprefix("sqlite:///"))
    with Record.open(url) as opened:
        yield opened
