"""What the clock last judged of the readiness of products."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from data_platform.record.db import rows
from data_platform.record.db.watch_schema import READINESS


class KeptReadiness(NamedTuple):
    """A judgement of a product: the keys of the points that it misses, with commas between them.

    `basis` says what the judgement rests on, and `measured` says whether a promise could be measured.
    """

    product: str
    basis: str
    measured: bool
    missed: str


_ALL = select(*(READINESS.c[name] for name in KeptReadiness._fields))


def map_all(conn: Connection, among: Collection[str] | None = None) -> dict[str, KeptReadiness]:
    """The judgements by product, of these products or all."""
    query = rows.limit_to(conn, _ALL, READINESS.c.product, among)
    return {row.product: row for row in map(KeptReadiness._make, conn.execute(query))}


def save(conn: Connection, judgements: Sequence[KeptReadiness]) -> None:
    """Replaces the judgements of these products."""
    if judgements:
        statement = rows.build_insert(conn, READINESS)
        changed = {name: statement.excluded[name] for name in ("basis", "measured", "missed")}
        statement = statement.on_conflict_do_update(index_elements=["product"], set_=changed)
        conn.execute(statement, [row._asdict() for row in judgements])
