from __future__ import annotations

from dataclasses import replace

import pytest

from data_platform.record import usage
from data_platform.record.store import Record
from data_platform.record.usage import ColumnReads, Read
from tests.record.given import NOON, later, registered

READ = Read(0, "orders", "orders_fact", 1, ("order_id",), "bo", False, NOON, "a report")


@pytest.fixture
def orders(record: Record) -> Record:
    with record.transaction() as conn:
        registered(conn)
        registered(conn, "customers")
    return record


def test_a_read_is_kept_as_it_was(orders: Record) -> None:
    with orders.transaction() as conn:
        given = usage.add(conn, READ)
        assert usage.history(conn, "orders") == (replace(READ, id=given),)
        assert usage.history(conn, "customers") == ()


def test_a_read_widens_to_the_columns_read_later(orders: Record) -> None:
    with orders.transaction() as conn:
        first, other = usage.add(conn, READ), usage.add(conn, READ)
        usage.widen(conn, first, ["total", "order_id", "day"])
        usage.widen(conn, first, ["day"])
        columns = {read.id: read.columns for read in usage.history(conn, "orders")}
    assert columns == {first: ("order_id", "total", "day"), other: ("order_id",)}


def test_history_is_newest_first_and_can_be_narrowed(orders: Record) -> None:
    with orders.transaction() as conn:
        old, new = usage.add(conn, READ), usage.add(conn, replace(READ, at=later(days=1)))
        assert [read.id for read in usage.history(conn, "orders")] == [new, old]
        assert [read.id for read in usage.history(conn, "orders", since=later(hours=1))] == [new]
        assert [read.id for read in usage.history(conn, "orders", limit=1)] == [new]


def test_views_count_reads_by_product(orders: Record) -> None:
    with orders.transaction() as conn:
        assert usage.views(conn) == {}
        for product in ("orders", "customers", "orders"):
            usage.add(conn, replace(READ, product=product))
        assert usage.views(conn) == {"orders": 2, "customers": 1}


def test_reads_by_columns_tell_who_took_what_and_leave_out_failures(orders: Record) -> None:
    with orders.transaction() as conn:
        usage.add(conn, READ)
        usage.add(conn, replace(READ, at=later(days=1)))
        usage.add(conn, replace(READ, columns=("total", "order_id"), principal="bob", at=later(days=2)))
        usage.add(conn, replace(READ, error="gone", at=later(days=3)))
        usage.add(conn, replace(READ, at=later(days=-9)))
        found = usage.column_reads(conn, later(days=-1), "orders", READ.output)
        assert usage.column_reads(conn, later(days=-1), "orders", "elsewhere") == ()
    assert found == (
        ColumnReads(frozenset(["order_id", "total"]), "bob", READ.verified, 1, later(days=2)),
        ColumnReads(frozenset(["order_id"]), READ.principal, READ.verified, 2, later(days=1)),
    )
