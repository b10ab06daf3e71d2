"""Views of the pages of products are counted once for each principal in an hour."""

from __future__ import annotations

from data_platform.record.operations import page_views
from data_platform.record.store import Record
from tests.record.given import NOON, registered


def test_views_are_counted_by_product(record: Record) -> None:
    with record.transaction() as tx:
        for product in ("orders", "customers"):
            registered(tx, product)
        for principal, product, at in (("ana", "orders", NOON), ("ana", "orders", NOON), ("bo", "orders", NOON)):
            page_views.add(tx, principal, product, at)
        assert page_views.map_counts(tx, ["orders", "customers", "nosuch"]) == {"orders": 2}
        assert page_views.map_counts(tx, []) == {}
        assert page_views.count(tx, "orders") == 2
