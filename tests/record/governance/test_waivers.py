from __future__ import annotations

from dataclasses import replace

import pytest

from data_platform.record.governance import waivers
from data_platform.record.governance.waivers import Waiver
from data_platform.record.store import Record
from tests.record.given import NOON, later, registered

ASKED = Waiver(0, "orders", "pii-encryption", "orders_fact.email", "a migration", NOON, "ana", later(days=30))


@pytest.fixture
def asked(record: Record) -> int:
    with record.transaction() as conn:
        registered(conn)
        return waivers.add(conn, ASKED)


def test_a_request_holds_once_another_approved_it_and_until_it_expires(record: Record, asked: int) -> None:
    with record.transaction() as conn:
        assert waivers.list_active(conn, later(days=1)) == ()
        assert not waivers.approve(conn, asked, later(hours=1), "ana")
        assert waivers.approve(conn, asked, later(hours=1), "fay")
        assert not waivers.approve(conn, asked, later(hours=2), "bo")
        for moment, count in ((NOON, 0), (later(hours=1), 1), (later(days=29), 1), (later(days=30), 0)):
            assert len(waivers.list_active(conn, moment, "orders")) == count
        (held,) = waivers.list_history(conn, "orders")
        assert (held.approved_by, held.approved_at) == ("fay", later(hours=1))


def test_a_request_that_was_declined_cannot_be_approved(record: Record, asked: int) -> None:
    with record.transaction() as conn:
        assert waivers.end(conn, asked, later(hours=1), "fay")
        assert not waivers.end(conn, asked, later(hours=1), "fay")
        assert not waivers.approve(conn, asked, later(hours=2), "bo")
        assert waivers.list_active(conn, later(days=1)) == ()


def test_a_waiver_covers_its_subject_and_the_parts_of_it_alone() -> None:
    assert ASKED.is_for("pii-encryption", "orders_fact.email")
    assert ASKED.is_for("pii-encryption", "orders_fact.email.local")
    assert not ASKED.is_for("pii-encryption", "orders_fact.email_hash")
    assert not ASKED.is_for("data-retention", "orders_fact.email")
    assert replace(ASKED, subject=None).is_for("pii-encryption", "anything.at.all")
