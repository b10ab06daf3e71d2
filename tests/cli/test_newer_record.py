"""A record of a newer release is refused by every command, in words, and stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import update

from data_platform.installing import format_pip_command
from data_platform.record.db.schema import STAMP
from data_platform.record.store import Record
from tests.cli.conftest import Run


@pytest.fixture
def newer(folder: Path) -> Path:
    """A home whose record says that it is at revision 9999."""
    home = folder / ".data-platform"
    home.mkdir()
    with Record.open(f"sqlite:///{home}/record.db") as record, record.transaction() as conn:
        conn.execute(update(STAMP).values(version_num="9999"))
    return home


@pytest.mark.parametrize(
    "command", [("search", "orders"), ("show", "orders"), ("sql", "SELECT 1"), ("domain", "list"), ("gc",)]
)
def test_a_newer_record_is_refused_with_a_clear_word(run: Run, newer: Path, command: tuple[str, ...]) -> None:
    before = (newer / "record.db").read_bytes()
    done = run(*command)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "is at revision 9999, which data-platform" in done.stderr
    assert format_pip_command(option="--upgrade") in done.stderr
    assert (newer / "record.db").read_bytes() == before


def test_scripts_are_told_in_json(run: Run, newer: Path) -> None:
    error = json.loads(run("search", "orders", "--json").stdout)["error"]
    assert (error["kind"], error["exit_code"]) == ("RecordTooNew", 2)
