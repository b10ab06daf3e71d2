from __future__ import annotations

from dataclasses import replace

import pytest

from data_platform.record.operations import usage
from data_platform.record.operations.usage import ColumnReads, Read
from data_platform.record.store import Record
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
        assert usage.list_reads(conn, "orders") == (replace(READ, id=given),)
        assert usage.list_reads(conn, "customers") == ()


def test_a_read_widens_to_the_columns_read_later(orders: Record) -> None:
    with orders.transaction() as conn:
        first, other = usage.add(conn, READ), usage.add(conn, READ)
        usage.widen(conn, first, ["total", "order_id", "day"])
        usage.widen(conn, first, ["day"])
        columns = {read.id: read.columns for read in usage.list_reads(conn, "orders")}
    assert columns == {first: ("order_id", "total", "day"), other: ("order_id",)}


def test_history_is_newest_first_and_can_be_narrowed(orders: Record) -> None:
    with orders.transaction() as conn:
        old, new = usage.add(conn, READ), usage.add(conn, replace(READ, at=later(days=1)))
        assert [read.id for read in usage.list_reads(conn, "orders")] == [new, old]
        assert [read.id for read in usage.list_reads(conn, "orders", since=later(hours=1))] == [new]
        assert [read.id for read in usage.list_reads(conn, "orders", limit=1)] == [new]


def test_reads_by_columns_tell_who_took_what_and_leave_out_failures(orders: Record) -> None:
    with orders.transaction() as conn:
        usage.add(conn, READ)
        usage.add(conn, replace(READ, at=later(days=1)))
        usage.add(conn, replace(READ, columns=("total", "order_id"), principal="bob", at=later(days=2)))
        usage.add(conn, replace(READ, error="gone", at=later(days=3)))
        usage.add(conn, replace(READ, at=later(days=-9)))
        found = usage.list_column_reads(conn, later(days=-1), "orders", READ.output)
        assert usage.list_column_reads(conn, later(days=-1), "orders", "elsewhere") == ()
    assert found == (
        ColumnReads(frozenset(["order_id", "total"]), "bob", READ.verified, 1, later(days=2)),
        ColumnReads(frozenset(["order_id"]), READ.principal, READ.verified, 2, later(days=1)),
    )


def test_a_read_that_failed_keeps_its_first_reason(orders: Record) -> None:
    with orders.transaction() as conn:
        failed, fine = usage.add(conn, READ), usage.add(conn, READ)
        usage.fail(conn, failed, "the disk is gone")
        usage.fail(conn, failed, "the disk is still gone")
        errors = {read.id: read.error for read in usage.list_reads(conn, "orders")}
    assert errors == {failed: "the disk is gone", fine: None}


def test_reads_are_counted_by_output_since_a_moment(orders: Record) -> None:
    with orders.transaction() as conn:
        for minutes, output in ((0, "orders_fact"), (5, "orders_fact"), (7, "b")):
            usage.add(conn, replace(READ, output=output, at=later(minutes=minutes)))
        usage.fail(conn, usage.add(conn, replace(READ, at=later(minutes=9))), "gone")
        assert {(each.output, each.reads, each.failed, each.first) for each in usage.count_reads(conn, NOON)} == {
            ("orders_fact", 3, 1, NOON),
            ("b", 1, 0, later(minutes=7)),
        }
        (since,) = usage.count_reads(conn, later(minutes=1), "orders", "orders_fact")
        assert (since.reads, since.first) == (2, later(minutes=5))
        assert usage.count_reads(conn, NOON, "customers") == usage.count_reads(conn, later(days=1)) == ()


def test_readers_are_told_with_how_often_and_when_last(orders: Record) -> None:
    with orders.transaction() as conn:
        for minutes, principal in ((0, "bo"), (1, "cy"), (2, "bo"), (-50_000, "old")):
            usage.add(conn, replace(READ, principal=principal, at=later(minutes=minutes)))
        usage.add(conn, replace(READ, product="customers"))
        found = usage.list_readers(conn, NOON, "orders", "orders_fact")
        assert [(each.principal, each.reads, each.last_at) for each in found] == [
            ("bo", 2, later(minutes=2)),
            ("cy", 1, later(minutes=1)),
        ]
        assert len(usage.list_readers(conn, NOON)) == 3
        assert len(usage.list_readers(conn, later(days=-40), "orders")) == 3
