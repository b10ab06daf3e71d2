"""Usage: who read which version, and which of its columns."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, String, cast, func, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import USAGE


@dataclass(frozen=True, slots=True)
class Read:
    """One consume; `verified`: the principal was authenticated. `id` is 0 until the row is added.

    `error` is why the data could not be read although access was allowed.
    """

    id: int
    product: str
    output: str
    version: int
    columns: tuple[str, ...]
    principal: str
    verified: bool
    at: datetime
    purpose: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ReadCount:
    """The reads of an output since some moment: their number, the failed ones, and the time of the first."""

    product: str
    output: str
    reads: int
    failed: int
    first: datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """A principal who read an output since some moment, how often, and when first and last."""

    product: str
    output: str
    principal: str
    reads: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ColumnReads:
    """A principal who read exactly these columns of an output since some moment, how often, and when last."""

    columns: frozenset[str]
    principal: str
    verified: bool
    reads: int
    last_at: datetime


def add(conn: Connection, read: Read) -> int:
    """Records the consume and returns its id; `read.id` is ignored."""
    return rows.add(conn, USAGE, read)


def is_of(conn: Connection, id: int, principal: str, product: str, output: str, version: int) -> bool:
    """Whether that record is of a consume of this version by this principal."""
    place = (USAGE.c.product == product, USAGE.c.output == output, USAGE.c.version == version)
    return conn.scalar(select(USAGE.c.id).where(USAGE.c.id == id, USAGE.c.principal == principal, *place)) is not None


def widen(conn: Connection, id: int, columns: Iterable[str]) -> None:
    """Adds columns that the reader has read since; each is recorded once, in order."""
    row = USAGE.c.id == id
    recorded: tuple[str, ...] = conn.scalars(select(USAGE.c["columns"]).where(row).with_for_update()).one()
    wider = tuple(dict.fromkeys((*recorded, *columns)))
    if wider != recorded:
        conn.execute(update(USAGE).where(row).values(columns=wider))


def fail(conn: Connection, id: int, error: str) -> None:
    """Records that the data could not be read; the first reason is kept."""
    conn.execute(update(USAGE).where(USAGE.c.id == id, USAGE.c.error.is_(None)).values(error=error))


def list_reads(
    conn: Connection, product: str, since: datetime | None = None, limit: int | None = None
) -> tuple[Read, ...]:
    """The product's consumes, newest first; `since` includes its moment."""
    query = select(*rows.select_columns(USAGE, Read)).where(USAGE.c.product == product)
    if since is not None:
        query = query.where(USAGE.c.at >= since)
    return rows.fetch_all(conn, query.order_by(USAGE.c.at.desc(), USAGE.c.id.desc()).limit(limit), Read)


def list_by_principal(
    conn: Connection, principal: str, since: datetime, purpose: str | None = None
) -> tuple[Read, ...]:
    """The principal's reads since then that did not fail, oldest first; with `purpose` those for that purpose."""
    mine = (USAGE.c.principal == principal, USAGE.c.at >= since, USAGE.c.error.is_(None))
    query = select(*rows.select_columns(USAGE, Read)).where(*mine)
    if purpose is not None:
        query = query.where(USAGE.c.purpose == purpose)
    return rows.fetch_all(conn, query.order_by(USAGE.c.at, USAGE.c.id), Read)


def count_reads(
    conn: Connection,
    since: datetime,
    product: str | None = None,
    output: str | None = None,
    among: Collection[str] | None = None,
) -> tuple[ReadCount, ...]:
    """The reads since then by output, of all outputs, of those named, or of these products."""
    query = select(
        USAGE.c.product,
        USAGE.c.output,
        func.count().label("reads"),
        func.count(USAGE.c.error).label("failed"),
        func.min(USAGE.c.at).label("first"),
    ).group_by(USAGE.c.product, USAGE.c.output)
    query = rows.limit_to(conn, query, USAGE.c.product, among)
    return rows.fetch_all(conn, _filter_since(query, since, product, output), ReadCount)


def count_readers(conn: Connection, among: Collection[str]) -> int:
    """How many principals ever read any of these products."""
    query = rows.limit_to(conn, select(func.count(USAGE.c.principal.distinct())), USAGE.c.product, among)
    return conn.scalar(query) or 0


def list_readers(
    conn: Connection,
    since: datetime,
    product: str | None = None,
    output: str | None = None,
    *,
    succeeded: bool = False,
) -> tuple[Reader, ...]:
    """The readers of every output, or of those named, since then, the latest first.

    Failed reads count too, unless `succeeded` is true.
    """
    first, last = func.min(USAGE.c.at), func.max(USAGE.c.at)
    key = (USAGE.c.product, USAGE.c.output, USAGE.c.principal)
    query = select(*key, func.count().label("reads"), first.label("first_at"), last.label("last_at")).group_by(*key)
    if succeeded:
        query = query.where(USAGE.c.error.is_(None))
    return rows.fetch_all(conn, _filter_since(query, since, product, output).order_by(last.desc(), *key), Reader)


def list_column_reads(conn: Connection, since: datetime, product: str, output: str) -> tuple[ColumnReads, ...]:
    """The successful reads of an output since then, by reader and columns."""
    # Postgres compares JSON only as text
    key = (cast(USAGE.c["columns"], String).label("read"), USAGE.c.principal, USAGE.c.verified)
    last = func.max(USAGE.c.at).label("last_at")
    query = select(*key, func.count().label("reads"), last).where(USAGE.c.error.is_(None)).group_by(*key)
    return tuple(
        ColumnReads(frozenset(json.loads(row.read)), row.principal, row.verified, row.reads, row.last_at)
        for row in conn.execute(_filter_since(query, since, product, output).order_by(last.desc(), USAGE.c.principal))
    )


def _filter_since(query: Select[Any], since: datetime, product: str | None, output: str | None) -> Select[Any]:
    query = query.where(USAGE.c.at >= since)
    if product is not None:
        query = query.where(USAGE.c.product == product)
    return query if output is None else query.where(USAGE.c.output == output)
