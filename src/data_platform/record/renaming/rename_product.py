"""A product's rows under another name: all of them, history too, in the caller's transaction.

What a row says stays; only the name that it is filed under changes. The entries of the audit log keep the name of their
day, which their hashes cover: whoever asks for a product's entries asks for all of its names.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, literal, update

from data_platform.record.catalog import redirects
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
from data_platform.record.renaming.refile_history import refiling, settle_keys

_FILED = tuple(table for table in METADATA.sorted_tables if "product" in table.c and table is not REDIRECTS)
_SOURCES = (LINEAGE, COLUMN_LINEAGE)


def rename(conn: Connection, old: str, new: str, at: datetime, by: str) -> None:
    """Files everything of `old` under `new`, to which `old` leads from now on.

    The caller has made sure that `new` is free, or was a name of this very product. Until the transaction ends nobody
    else writes.
    """
    with refiling(conn, (CONTRACTS, VERSIONS, AUDITS, EVENTS)):
        conn.execute(update(PRODUCTS).where(PRODUCTS.c.name == old).values(name=new))
        for table in _FILED:
            conn.execute(update(table).where(table.c.product == old).values(product=new))
        for table in _SOURCES:
            mine = and_(table.c.kind == "product", table.c.source_name == old)
            conn.execute(update(table).where(mine).values(source_name=new))
        _declared(conn, old, new)
        _topics(conn, old, new)
        settle_keys(conn)
    redirects.lead(conn, old, new, at, by)


def _declared(conn: Connection, old: str, new: str) -> None:
    """Whoever declared both names, the new one before it was anybody's, declares one product now."""
    same = INPUTS.alias()
    there = (same.c.product == INPUTS.c.product) & (same.c.source_output == INPUTS.c.source_output)
    twice = exists().where(there, same.c.source_product == new)
    conn.execute(delete(INPUTS).where(INPUTS.c.source_product == old, twice))
    conn.execute(update(INPUTS).where(INPUTS.c.source_product == old).values(source_product=new))


def _topics(conn: Connection, old: str, new: str) -> None:
    """A topic that nobody named is named after the product."""
    unnamed = OUTPUTS.c.topic == literal(f"{old}.") + OUTPUTS.c.name
    topic = literal(f"{new}.") + OUTPUTS.c.name
    conn.execute(update(OUTPUTS).where(OUTPUTS.c.product == new, unnamed).values(topic=topic))
