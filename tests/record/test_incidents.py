from __future__ import annotations

import pytest

from data_platform.record import incidents
from data_platform.record.store import Record
from tests.record.given import NOON, later, registered

CAUSE = ("orders", "orders_fact", "rule:no_null")


@pytest.fixture
def orders(record: Record) -> Record:
    with record.transaction() as conn:
        registered(conn)
    return record


def test_a_cause_that_strikes_again_counts_up_the_open_incident(orders: Record) -> None:
    with orders.transaction() as conn:
        first = incidents.raise_(conn, *CAUSE, "3 nulls", NOON)
        again = incidents.raise_(conn, *CAUSE, "5 nulls", later(hours=1))
        assert incidents.history(conn, "orders") == (again,)
    assert (first.id, first.occurrences, first.last_at) == (again.id, 1, NOON)
    assert (again.occurrences, again.summary, again.opened_at, again.last_at) == (2, "5 nulls", NOON, later(hours=1))
    assert again.resolved_at is None


def test_another_cause_or_output_is_another_incident(orders: Record) -> None:
    with orders.transaction() as conn:
        ids = {
            incidents.raise_(conn, *CAUSE, "nulls", NOON).id,
            incidents.raise_(conn, "orders", "orders_fact", "late", "late", NOON).id,
            incidents.raise_(conn, "orders", "orders_daily", CAUSE[2], "nulls", NOON).id,
        }
    assert len(ids) == 3


def test_a_resolved_incident_stays_in_history_and_the_next_one_is_new(orders: Record) -> None:
    with orders.transaction() as conn:
        first = incidents.raise_(conn, *CAUSE, "nulls", NOON)
        assert incidents.resolve(conn, *CAUSE, later(hours=1))
        assert not incidents.resolve(conn, *CAUSE, later(hours=2))
        second = incidents.raise_(conn, *CAUSE, "nulls again", later(hours=3))
        assert incidents.history(conn, "orders", open_only=True) == (second,)
        newest, oldest = incidents.history(conn, "orders")
    assert (newest.id, newest.occurrences) == (second.id, 1)
    assert (oldest.id, oldest.resolved_at) == (first.id, later(hours=1))
