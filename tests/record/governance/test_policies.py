from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DatabaseError

from data_platform.errors import ContractMoved
from data_platform.record.db.schema import POLICIES
from data_platform.record.governance import policies
from data_platform.record.governance.policies import PolicyRevision
from data_platform.record.store import Record
from tests.record.given import NOON, later


def applied(number: int, **changes: Any) -> PolicyRevision:
    known: dict[str, Any] = {
        "text": f"policies: [] # {number}",
        "file": "policies.yaml",
        "note": None,
        "applied_by": "fay",
    }
    return PolicyRevision(revision=number, applied_at=later(minutes=number), **{**known, **changes})


def test_the_highest_revision_holds_and_all_are_kept(record: Record) -> None:
    with record.transaction() as conn:
        assert (policies.find_revision(conn), policies.find_current(conn)) == (0, None)
        for number in (1, 2):
            policies.add(conn, applied(number))
        assert policies.find_revision(conn) == 2
        assert policies.find_current(conn) == applied(2)
        assert policies.find(conn, 1) == applied(1)
        assert policies.list_history(conn) == (applied(2), applied(1))


def test_who_comes_second_with_a_revision_is_told(record: Record) -> None:
    with record.transaction() as conn:
        policies.add(conn, applied(1))
    with pytest.raises(ContractMoved, match="revision 1 is theirs"), record.transaction() as conn:
        policies.add(conn, applied(1, applied_by="bo"))
    with record.reading() as conn:
        assert policies.find_current(conn) == applied(1)


def test_what_held_once_cannot_be_rewritten(record: Record) -> None:
    with record.transaction() as conn:
        policies.add(conn, applied(1))
    with pytest.raises(DatabaseError, match="history"), record.transaction() as conn:
        conn.execute(update(POLICIES).values(applied_at=NOON))
