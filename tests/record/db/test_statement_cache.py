"""A statement is compiled once for all records in SQLite, and answers for the one that it is sent to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.sql.elements import ClauseElement

from data_platform.record.catalog import domains
from data_platform.record.catalog.domains import Domain
from data_platform.record.store import Record


def add_domain(record: Record, name: str) -> list[str]:
    """Adds a domain, and returns the names of all."""
    with record.transaction() as conn:
        assert domains.add(conn, Domain(name, "it sells", "ana@x", ("ana@x", name), datetime(2026, 11, 23, tzinfo=UTC)))
        found = domains.find(conn, name)
        assert found is not None and found.members == ("ana@x", name)
        return [domain.name for domain in domains.list_all(conn)]


def test_a_second_record_compiles_no_statement_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        Record.open(f"sqlite:///{tmp_path}/first.db") as first,
        Record.open(f"sqlite:///{tmp_path}/second.db") as second,
    ):
        assert add_domain(first, "sales") == ["sales"]
        monkeypatch.setattr(ClauseElement, "_compiler", None)
        assert add_domain(second, "crm") == ["crm"]
        assert add_domain(first, "finance") == ["finance", "sales"]
