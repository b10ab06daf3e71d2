"""Usage: who read which version, and which of its columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from data_platform.record import rows
from data_platform.record.schema import USAGE


@dataclass(frozen=True, slots=True)
class Read:
    """One consume; `verified` says whether the principal proved who they are. `id` is 0 until the row is added."""

    id: int
    product: str
    output: str
    version: int
    columns: tuple[str, ...]
    principal: str
    verified: bool
    at: datetime
    purpose: str | None = None


def add(conn: Connection, read: Read) -> int:
    """Records the consume and returns the id it was given; `read.id` is not looked at."""
    return rows.add(conn, USAGE, read)


def widen(conn: Connection, id: int, columns: Iterable[str]) -> None:
    """Adds columns that the reader has read since; those already known are kept once, in order."""
    mine = USAGE.c.id == id
    known: tuple[str, ...] = conn.scalars(select(USAGE.c["columns"]).where(mine).with_for_update()).one()
    wider = tuple(dict.fromkeys((*known, *columns)))
    if wider != known:
        conn.execute(update(USAGE).where(mine).values(columns=wider))


def history(
    conn: Connection, product: str, since: datetime | None = None, limit: int | None = None
) -> tuple[Read, ...]:
    """The product's consumes, newest first; `since` includes its moment."""
    query = select(*rows.columns(USAGE, Read)).where(USAGE.c.product == product)
    if since is not None:
        query = query.where(USAGE.c.at >= since)
    return rows.fetch_all(conn, query.order_by(USAGE.c.at.desc(), USAGE.c.id.desc()).limit(limit), Read)


def views(conn: Connection) -> dict[str, int]:
    """How often each product was consumed; products never consumed are missing."""
    query = select(USAGE.c.product, func.count().label("reads")).group_by(USAGE.c.product)
    return {row.product: row.reads for row in conn.execute(query)}
