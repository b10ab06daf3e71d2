"""Declared inputs, as an index: who says to read whom, before any data came that way."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from data_platform.record.db import rows
from data_platform.record.db.schema import INPUTS, PRODUCTS


@dataclass(frozen=True, slots=True, order=True)
class Declared:
    """`product` says in its product.yaml that it reads an output of another product."""

    product: str
    source_product: str
    source_output: str


_ALL = select(*rows.columns(INPUTS, Declared)).order_by(*INPUTS.primary_key.columns)


def replace(conn: Connection, product: str, declared: Iterable[Declared]) -> None:
    """Makes `declared` what the product says to read."""
    conn.execute(delete(INPUTS).where(INPUTS.c.product == product))
    found = [rows.values(each) for each in sorted(set(declared))]
    if found:
        conn.execute(insert(INPUTS), found)


def of_products(conn: Connection, products: Collection[str]) -> tuple[Declared, ...]:
    """What these products say to read."""
    return rows.fetch_all(conn, _ALL.where(INPUTS.c.product.in_(products)), Declared)


def revisions(conn: Connection, product: str, output: str) -> dict[str, int]:
    """The products that say to read an output (any major of it), and the revision of their contract that says so."""
    query = select(PRODUCTS.c.name, PRODUCTS.c.revision).join(INPUTS, INPUTS.c.product == PRODUCTS.c.name)
    query = query.where(INPUTS.c.source_product == product, INPUTS.c.source_output == output)
    return {row.name: row.revision for row in conn.execute(query.order_by(PRODUCTS.c.name))}


def readers_of(conn: Connection, products: Collection[str]) -> tuple[Declared, ...]:
    """Who says to read these products."""
    return rows.fetch_all(conn, _ALL.where(INPUTS.c.source_product.in_(products)), Declared)
