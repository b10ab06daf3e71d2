"""Declared inputs: an index of what the products' contracts say."""

from __future__ import annotations

from data_platform.record.catalog import inputs
from data_platform.record.catalog.inputs import DeclaredInput
from data_platform.record.store import Record
from tests.record.given import registered


def test_an_input_is_found_from_both_ends(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn, "orders")
        registered(conn, "returns")
        inputs.replace(
            conn, "orders", [DeclaredInput("orders", "customers", "dim"), DeclaredInput("orders", "products", "dim")]
        )
        inputs.replace(conn, "returns", [DeclaredInput("returns", "orders", "fact")])
        assert inputs.list_by_product(conn, ["orders", "returns"]) == (
            DeclaredInput("orders", "customers", "dim"),
            DeclaredInput("orders", "products", "dim"),
            DeclaredInput("returns", "orders", "fact"),
        )
        assert inputs.list_readers(conn, ["customers"]) == (DeclaredInput("orders", "customers", "dim"),)


def test_a_new_declaration_takes_the_place_of_the_old_one(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn, "orders")
        inputs.replace(conn, "orders", [DeclaredInput("orders", "customers", "dim")])
        inputs.replace(
            conn, "orders", [DeclaredInput("orders", "clients", "dim"), DeclaredInput("orders", "clients", "dim")]
        )
        assert inputs.list_by_product(conn, ["orders"]) == (DeclaredInput("orders", "clients", "dim"),)
        inputs.replace(conn, "orders", [])
        assert inputs.list_by_product(conn, ["orders"]) == ()


def test_who_declares_an_output_is_told_with_the_revision_that_says_so(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn, "returns")
        registered(conn, "stock")
        inputs.replace(
            conn, "returns", [DeclaredInput("returns", "orders", "fact"), DeclaredInput("returns", "orders", "dim")]
        )
        inputs.replace(conn, "stock", [DeclaredInput("stock", "orders", "dim")])
        assert inputs.find_reader_revisions(conn, "orders", "fact") == {"returns": 1}
        assert inputs.find_reader_revisions(conn, "orders", "dim") == {"returns": 1, "stock": 1}
        assert inputs.find_reader_revisions(conn, "orders", "none") == {}
