from __future__ import annotations

import pytest

from data_platform.record.catalog import publish_log
from data_platform.record.catalog.publish_log import PublishEntry
from data_platform.record.store import Record
from tests.record.given import later, published, registered

STATISTICS = {"order_id": {"min": 1, "max": 9, "nulls": 0}}


@pytest.fixture
def orders(record: Record) -> Record:
    """orders_fact published at minutes 1, 2 and 3, orders_daily at minute 1, customers never."""
    with record.transaction() as conn:
        registered(conn, "orders", "orders_fact", "orders_daily")
        registered(conn, "customers")
        for number in (1, 2, 3):
            published(conn, number)
        published(conn, 1, output="orders_daily")
    return record


def test_the_log_begins_with_the_publish_that_stood_before_the_window(orders: Record) -> None:
    with orders.reading() as conn:

        def log(minute: float) -> list[int]:
            return [
                each.version for each in publish_log.list_since(conn, "orders", "orders_fact", later(minutes=minute))
            ]

        assert [log(minute) for minute in (0, 1, 1.5, 2, 9)] == [[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [3]]
        assert log(2.5) == [2, 3]
        (first,) = publish_log.list_since(conn, "orders", "orders_daily", later(minutes=0))
        assert first == PublishEntry("orders", "orders_daily", 1, later(minutes=1))
        assert publish_log.list_since(conn, "customers", "orders_fact", later(minutes=0)) == ()


def test_the_newest_of_every_output_at_once(orders: Record) -> None:
    with orders.reading() as conn:
        assert publish_log.map_newest(conn) == {
            ("orders", "orders_fact"): PublishEntry("orders", "orders_fact", 3, later(minutes=3)),
            ("orders", "orders_daily"): PublishEntry("orders", "orders_daily", 1, later(minutes=1)),
        }
        assert publish_log.map_newest_versions(conn, ["orders", "customers", "unknown"]) == {
            ("orders", "orders_fact"): 3,
            ("orders", "orders_daily"): 1,
            ("customers", "orders_fact"): 0,
        }
        assert publish_log.map_newest_versions(conn, []) == {}


def test_statistics_of_one_output_s_versions_or_of_the_newest_of_many(orders: Record) -> None:
    with orders.reading() as conn:
        assert publish_log.load_statistics(conn, "orders", "orders_fact", 2) == {2: STATISTICS, 3: STATISTICS}
        newest = publish_log.load_newest_statistics(conn, ["orders", "customers"])
    assert newest == {("orders", "orders_fact"): STATISTICS, ("orders", "orders_daily"): STATISTICS}


def test_more_products_than_one_query_takes(orders: Record) -> None:
    names = [*(f"p{number}" for number in range(1200)), "orders"]
    with orders.reading() as conn:
        assert len(publish_log.map_newest_versions(conn, names)) == 2
        assert len(publish_log.load_newest_statistics(conn, names)) == 2
