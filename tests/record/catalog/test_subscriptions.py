from __future__ import annotations

from dataclasses import replace

from data_platform.record.catalog import subscriptions
from data_platform.record.catalog.subscriptions import Subscription
from data_platform.record.store import Record
from tests.record.given import NOON, later, registered

FOLLOWS = Subscription("orders", "bo", NOON, NOON)


def test_who_follows_already_has_seen_more(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn)
        subscriptions.save(conn, FOLLOWS)
        subscriptions.save(conn, replace(FOLLOWS, principal="al"))
        subscriptions.save(conn, replace(FOLLOWS, since=later(days=1), seen=later(days=1)))
        assert subscriptions.list_by_principal(conn, "bo") == (replace(FOLLOWS, seen=later(days=1)),)
        assert [each.principal for each in subscriptions.list_by_product(conn, "orders")] == ["al", "bo"]
        assert subscriptions.end(conn, "orders", "bo")
        assert not subscriptions.end(conn, "orders", "bo")
        assert subscriptions.list_by_principal(conn, "bo") == ()
