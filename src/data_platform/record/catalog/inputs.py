"""Declared inputs, as an index: which product declares to read which output."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from data_platform.record.db import rows
from data_platform.record.db.schema import INPUTS, PRODUCTS


@dataclass(frozen=True, slots=True, order=True)
class DeclaredInput:
    """`product` declares in its product.yaml that it reads an output of another product."""

    product: str
    source_product: str
    source_output: str


_ALL = select(*rows.select_columns(INPUTS, DeclaredInput)).order_by(*INPUTS.primary_key.columns)


def replace(conn: Connection, product: str, declared: Iterable[DeclaredInput]) -> None:
    """Replaces the declared inputs of the product by `declared`."""
    conn.execute(delete(INPUTS).where(INPUTS.c.product == product))
    values = [rows.to_values(item) for item in sorted(set(declared))]
    if values:
        conn.execute(insert(INPUTS), values)


def list_by_product(conn: Connection, products: Collection[str]) -> tuple[DeclaredInput, ...]:
    """The declared inputs of these products."""
    return rows.fetch_all(conn, _ALL.where(INPUTS.c.product.in_(products)), DeclaredInput)


def find_reader_revisions(conn: Connection, product: str, output: str) -> dict[str, int]:
    """The products that declare an output (any of its majors) as input, each with the revision of its contract."""
    query = select(PRODUCTS.c.name, PRODUCTS.c.revision).join(INPUTS, INPUTS.c.product == PRODUCTS.c.name)
    query = query.where(INPUTS.c.source_product == product, INPUTS.c.source_output == output)
    return {row.name: row.revision for row in conn.execute(query.order_by(PRODUCTS.c.name))}


def list_reading(conn: Connection, sources: Collection[str]) -> frozenset[str]:
    """The products that declare an input from one of these products."""
    query = select(INPUTS.c.product).where(rows.is_one_of(conn, INPUTS.c.source_product, sources))
    return frozenset(conn.scalars(query.distinct()))


def list_readers(conn: Connection, products: Collection[str]) -> tuple[DeclaredInput, ...]:
    """The declared inputs that read these products."""
    return rows.fetch_all(conn, _ALL.where(INPUTS.c.source_product.in_(products)), DeclaredInput)
