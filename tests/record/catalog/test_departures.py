"""Who is gone, and what they own; which products are archived."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from data_platform.record.catalog import departures, domains, products
from data_platform.record.catalog.departures import Departure
from data_platform.record.catalog.domains import Domain
from data_platform.record.catalog.products import ProductRow
from data_platform.record.store import Record
from tests.record.given import contract

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def add(record: Record, name: str, owner: str, status: str = "active") -> None:
    row = ProductRow(name, "sales", owner, None, (), status, "1.0.0", 1, contract(name), NOON, "ana@x")
    with record.transaction() as tx:
        domains.save(tx, Domain("sales", None, None, (), NOON))
        products.save(tx, row)


def test_who_is_gone_is_noted_once_and_may_be_back(record: Record) -> None:
    with record.transaction() as tx:
        assert departures.add(tx, Departure("ben@x", NOON, "ana@x"))
        assert not departures.add(tx, Departure("ben@x", NOON, "cy@x"))
        assert departures.find(tx, "ben@x") == Departure("ben@x", NOON, "ana@x")
        departures.add(tx, Departure("ann@x", NOON, "ana@x"))
        assert [each.principal for each in departures.list_all(tx)] == ["ann@x", "ben@x"]
        assert departures.end(tx, "ben@x")
        assert not departures.end(tx, "ben@x")
        assert departures.find(tx, "ben@x") is None


def test_products_of_owners_leave_out_what_is_retired(record: Record) -> None:
    add(record, "orders", "ana@x")
    add(record, "old", "ana@x", "retired")
    add(record, "visits", "ben@x")
    with record.reading() as conn:
        assert products.list_owned_by(conn, ["ana@x", "cy@x"]) == {"orders": "ana@x"}
        assert products.list_owned_by(conn, []) == {}


def test_an_archived_product_is_opened_again(record: Record) -> None:
    add(record, "orders", "ana@x")
    add(record, "visits", "ben@x")
    with record.transaction() as tx:
        products.archive(tx, "orders", NOON)
        assert (archived_at(tx), products.list_archived(tx)) == (NOON, {"orders"})
        products.archive(tx, "orders", None)
        assert (archived_at(tx), products.list_archived(tx)) == (None, frozenset())


def test_a_new_contract_does_not_open_an_archived_product(record: Record) -> None:
    add(record, "orders", "ana@x")
    with record.transaction() as tx:
        row = products.find(tx, "orders")
        assert row is not None
        products.archive(tx, "orders", NOON)
        assert products.replace(tx, replace(row, revision=2), 1)
        assert archived_at(tx) == NOON


def archived_at(conn: Connection) -> datetime | None:
    row = products.find(conn, "orders")
    assert row is not None
    return row.archived_at
