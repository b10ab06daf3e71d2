"""Events: in order, in the transaction of what they tell about, and kept as they were written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from data_platform.errors import RecordFailed
from data_platform.record.db.schema import EVENTS
from data_platform.record.operations import events
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.events import BEGINNING, Event
from data_platform.record.store import Record
from tests.record.given import NOON

PUBLISHED = [EventKind.PUBLISHED]


def happened(product: str = "orders", kind: str = "published", body: list[dict[str, object]] | None = None) -> Event:
    return Event(0, 0, product, kind, NOON, "ana", body)


def test_events_are_read_in_the_order_in_which_they_were_written_and_each_once(record: Record) -> None:
    with record.transaction() as conn:
        first = events.add(conn, happened(body=[{"eventType": "COMPLETE"}]))
        events.add(conn, happened("customers", "registered"))
    with record.transaction() as conn:
        events.add(conn, happened(kind="consumed"))
    with record.reading() as conn:
        found = events.list_after(conn)
        assert [event.kind for event in found] == ["published", "registered", "consumed"]
        assert (found[0].id, found[0].body) == (first, [{"eventType": "COMPLETE"}])
        assert [event.kind for event in events.list_after(conn, found[1].cursor)] == ["consumed"]
        assert [event.kind for event in events.list_after(conn, found[0].cursor, limit=1)] == ["registered"]
        assert events.list_after(conn, found[-1].cursor) == ()


def test_an_event_goes_with_its_transaction(record: Record) -> None:
    with pytest.raises(ZeroDivisionError), record.transaction() as conn:
        events.add(conn, happened())
        raise ZeroDivisionError
    with record.reading() as conn:
        assert events.list_after(conn) == ()


def test_the_history_of_a_product_is_newest_first(record: Record) -> None:
    with record.transaction() as conn:
        for kind in ("registered", "published", "published"):
            events.add(conn, happened(kind=kind))
        events.add(conn, happened("customers"))
    with record.reading() as conn:
        assert [event.kind for event in events.list_history(conn, "orders")] == ["published", "published", "registered"]
        assert len(events.list_history(conn, "orders", "published", limit=1)) == 1


def test_the_database_refuses_to_rewrite_history(record: Record) -> None:
    with record.transaction() as conn:
        events.add(conn, happened())
    with pytest.raises((DBAPIError, RecordFailed), match="history"), record.transaction() as conn:
        conn.execute(update(EVENTS).values(at=NOON + timedelta(days=1)))
    with record.transaction() as conn:
        assert events.list_after(conn)[0].at == NOON
        conn.execute(delete(EVENTS))  # what retention does


def test_a_place_is_known_again_and_never_taken_for_another(record: Record) -> None:
    with record.transaction() as conn:
        assert events.find_last(conn) is None
        events.add(conn, happened("customers"))
        events.add(conn, happened("orders"))
    with record.reading() as conn:
        place = events.find_last(conn)
        assert place is not None
        assert (place.xid, place.id) == events.list_after(conn)[-1].cursor
        assert events.contains(conn, place)
        for other in ({"product": "customers"}, {"at": NOON + timedelta(seconds=1)}, {"id": place.id + 1}):
            assert not events.contains(conn, replace(place, **other))


def test_the_products_that_something_happened_to_are_told_once(record: Record) -> None:
    with record.transaction() as conn:
        for product in ("orders", "customers", "orders"):
            events.add(conn, happened(product))
    with record.reading() as conn:
        cursor = events.list_after(conn)[-1].cursor
        assert events.list_products_after(conn, BEGINNING, PUBLISHED) == {"orders", "customers"}
        assert events.list_products_after(conn, BEGINNING, [EventKind.CONSUMED]) == frozenset()
        assert events.list_products_after(conn, cursor, PUBLISHED) == frozenset()
    with record.transaction() as conn:
        events.add(conn, happened("customers"))
    with record.reading() as conn:
        assert events.list_products_after(conn, cursor, PUBLISHED) == {"customers"}
