"""Usage: who read which version, and which of its columns."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, String, cast, func, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import USAGE


@dataclass(frozen=True, slots=True)
class Read:
    """One consume; `verified` says whether the principal proved who they are. `id` is 0 until the row is added.

    `error` says why the data could not be read, though it might be.
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
class Counted:
    """The reads of an output since some moment: all, those that failed, and when the first of them was."""

    product: str
    output: str
    reads: int
    failed: int
    first: datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """Who read an output since some moment, how often, and when first and last."""

    product: str
    output: str
    principal: str
    reads: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ColumnReads:
    """Who read just these columns of an output since some moment, how often, and when last."""

    columns: frozenset[str]
    principal: str
    verified: bool
    reads: int
    last_at: datetime


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


def fail(conn: Connection, id: int, error: str) -> None:
    """Notes that the data could not be read; the first reason stays."""
    conn.execute(update(USAGE).where(USAGE.c.id == id, USAGE.c.error.is_(None)).values(error=error))


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


def counted(
    conn: Connection, since: datetime, product: str | None = None, output: str | None = None
) -> tuple[Counted, ...]:
    """The reads of every output, or of those named, that was read since then."""
    query = select(
        USAGE.c.product,
        USAGE.c.output,
        func.count().label("reads"),
        func.count(USAGE.c.error).label("failed"),
        func.min(USAGE.c.at).label("first"),
    ).group_by(USAGE.c.product, USAGE.c.output)
    return rows.fetch_all(conn, _since(query, since, product, output), Counted)


def readers(
    conn: Connection,
    since: datetime,
    product: str | None = None,
    output: str | None = None,
    *,
    succeeded: bool = False,
) -> tuple[Reader, ...]:
    """Who read every output, or those named, since then; who read last comes first. Tries that failed count too,
    unless only those that `succeeded` are asked for."""
    first, last = func.min(USAGE.c.at), func.max(USAGE.c.at)
    key = (USAGE.c.product, USAGE.c.output, USAGE.c.principal)
    query = select(*key, func.count().label("reads"), first.label("first_at"), last.label("last_at")).group_by(*key)
    if succeeded:
        query = query.where(USAGE.c.error.is_(None))
    return rows.fetch_all(conn, _since(query, since, product, output).order_by(last.desc(), *key), Reader)


def column_reads(conn: Connection, since: datetime, product: str, output: str) -> tuple[ColumnReads, ...]:
    """The reads of an output that succeeded since then, by reader and by the columns they took."""
    # Postgres cannot compare JSON, only its text
    key = (cast(USAGE.c["columns"], String).label("read"), USAGE.c.principal, USAGE.c.verified)
    last = func.max(USAGE.c.at).label("last_at")
    query = select(*key, func.count().label("reads"), last).where(USAGE.c.error.is_(None)).group_by(*key)
    return tuple(
        ColumnReads(frozenset(json.loads(row.read)), row.principal, row.verified, row.reads, row.last_at)
        for row in conn.execute(_since(query, since, product, output).order_by(last.desc(), USAGE.c.principal))
    )


def _since(query: Select[Any], since: datetime, product: str | None, output: str | None) -> Select[Any]:
    query = query.where(USAGE.c.at >= since)
    if product is not None:
        query = query.where(USAGE.c.product == product)
    return query if output is None else query.where(USAGE.c.output == output)
