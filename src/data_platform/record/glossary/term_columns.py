"""The columns that the current contracts link to terms."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, select

from data_platform.record.db import rows
from data_platform.record.db.glossary_schema import TERM_COLUMNS
from data_platform.record.glossary.terms import make_key

if TYPE_CHECKING:
    from data_platform.spec.product.contract import Contract


@dataclass(frozen=True, slots=True)
class TermColumn:
    """A column that is linked to a term; fields inside a column are named by their path."""

    product: str
    output: str
    column: str


def replace(conn: Connection, contract: Contract) -> None:
    """Records the terms of a product's columns, as its contract names them."""
    product = contract.product.name
    conn.execute(delete(TERM_COLUMNS).where(TERM_COLUMNS.c.product == product))
    links = [
        {"product": product, "output": output, "column": path, "term": make_key(term), "written": term}
        for output, schema in contract.schemas.items()
        for column in schema
        for path, term in column.list_terms()
    ]
    if links:
        conn.execute(TERM_COLUMNS.insert(), links)


def list_columns(conn: Connection, key: str, among: Collection[str] | None = None) -> tuple[TermColumn, ...]:
    """The columns of a term; with `among`, those of these products alone."""
    query = select(*rows.select_columns(TERM_COLUMNS, TermColumn)).where(TERM_COLUMNS.c.term == key)
    if among is not None:
        query = query.where(rows.is_one_of(conn, TERM_COLUMNS.c.product, among))
    ordered = query.order_by(TERM_COLUMNS.c.product, TERM_COLUMNS.c.output, TERM_COLUMNS.c.column)
    return rows.fetch_all(conn, ordered, TermColumn)


def count_columns(conn: Connection, keys: Collection[str], among: Collection[str] | None = None) -> dict[str, int]:
    """How many columns each of these terms has, by key; one without any is missing."""
    query = select(TERM_COLUMNS.c.term, func.count().label("columns")).where(
        rows.is_one_of(conn, TERM_COLUMNS.c.term, keys)
    )
    if among is not None:
        query = query.where(rows.is_one_of(conn, TERM_COLUMNS.c.product, among))
    return {row.term: row.columns for row in conn.execute(query.group_by(TERM_COLUMNS.c.term))}
