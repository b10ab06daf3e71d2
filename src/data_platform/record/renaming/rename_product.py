"""Renames a product in all of its rows, including history, in the caller's transaction.

Only the product name in the rows changes. The entries of the audit log keep the former name, because their hashes
cover it: a query of a product's entries uses all of its names.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, literal, update

from data_platform.record.catalog import redirects
from data_platform.record.db.access_schema import ACCESS_REQUEST_OUTPUTS
from data_platform.record.db.runs_schema import REPORTED_EDGES
from data_platform.record.db.schema import (
    AUDITS,
    COLUMN_LINEAGE,
    CONTRACTS,
    EVENTS,
    INPUTS,
    LINEAGE,
    METADATA,
    OUTPUTS,
    PRODUCTS,
    REDIRECTS,
    VERSIONS,
)
from data_platform.record.renaming.refile_history import allow_refiling, check_keys

_FILED = tuple(table for table in METADATA.sorted_tables if "product" in table.c and table is not REDIRECTS)
_SOURCES = (LINEAGE, COLUMN_LINEAGE)


def rename(conn: Connection, old: str, new: str, at: datetime, by: str) -> None:
    """Renames `old` to `new` in every row, and redirects `old` to `new`.

    The caller has checked that `new` is unused, or a former name of this product. No other client can write until
    the transaction ends.
    """
    with allow_refiling(conn, (CONTRACTS, VERSIONS, AUDITS, EVENTS, ACCESS_REQUEST_OUTPUTS)):
        conn.execute(update(PRODUCTS).where(PRODUCTS.c.name == old).values(name=new))
        for table in _FILED:
            conn.execute(update(table).where(table.c.product == old).values(product=new))
        for table in _SOURCES:
            mine = and_(table.c.kind == "product", table.c.source_name == old)
            conn.execute(update(table).where(mine).values(source_name=new))
        _rename_inputs(conn, old, new)
        for end in (REPORTED_EDGES.c.source_product, REPORTED_EDGES.c.target_product):
            conn.execute(update(REPORTED_EDGES).where(end == old).values({end: new}))
        _rename_topics(conn, old, new)
        check_keys(conn)
    redirects.add(conn, old, new, at, by)


def _rename_inputs(conn: Connection, old: str, new: str) -> None:
    """A product that declared both names, `new` before it existed, declares one product now."""
    same = INPUTS.alias()
    there = (same.c.product == INPUTS.c.product) & (same.c.source_output == INPUTS.c.source_output)
    twice = exists().where(there, same.c.source_product == new)
    conn.execute(delete(INPUTS).where(INPUTS.c.source_product == old, twice))
    conn.execute(update(INPUTS).where(INPUTS.c.source_product == old).values(source_product=new))


def _rename_topics(conn: Connection, old: str, new: str) -> None:
    """Renames default topics, which contain the product's name."""
    unnamed = OUTPUTS.c.topic == literal(f"{old}.") + OUTPUTS.c.name
    topic = literal(f"{new}.") + OUTPUTS.c.name
    conn.execute(update(OUTPUTS).where(OUTPUTS.c.product == new, unnamed).values(topic=topic))
