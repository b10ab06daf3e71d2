"""Probes: reads by which the clock looks whether outputs can be read, counted by hour."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select

from data_platform.record.db import rows
from data_platform.record.db.watch_schema import PROBES
from data_platform.record.operations import usage
from data_platform.record.operations.usage import ReadCount

Port = tuple[str, str]


def add(conn: Connection, product: str, output: str, at: datetime, *, has_failed: bool) -> None:
    """Counts a probe."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    row = {"product": product, "output": output, "hour": hour, "first_at": at, "last_at": at}
    statement = rows.build_insert(conn, PROBES).values(**row, probes=1, failed=int(has_failed))
    counted = {"probes": PROBES.c.probes + 1, "failed": PROBES.c.failed + int(has_failed), "last_at": at}
    conn.execute(statement.on_conflict_do_update(index_elements=["product", "output", "hour"], set_=counted))


def map_last(conn: Connection, since: datetime) -> dict[Port, datetime]:
    """When each output was last probed, of those that were since then."""
    last = func.max(PROBES.c.last_at)
    query = select(PROBES.c.product, PROBES.c.output, last).where(PROBES.c.hour >= since)
    result = conn.execute(query.group_by(PROBES.c.product, PROBES.c.output))
    return {(product, output): at for product, output, at in result}


def count_attempts(
    conn: Connection,
    since: datetime,
    product: str | None = None,
    output: str | None = None,
    among: Collection[str] | None = None,
) -> tuple[ReadCount, ...]:
    """The reads since then by output, those of readers and the probes together; of these products, or all."""
    totals: dict[Port, ReadCount] = {}
    place = (product, output, among)
    for count in (*usage.count_reads(conn, since, *place), *_count(conn, since, *place)):
        before = totals.get((count.product, count.output))
        totals[count.product, count.output] = count if before is None else _sum(before, count)
    return tuple(totals.values())


def remove_before(conn: Connection, moment: datetime) -> None:
    """Removes the counts of earlier hours."""
    conn.execute(delete(PROBES).where(PROBES.c.hour < moment))


def _count(
    conn: Connection, since: datetime, product: str | None, output: str | None, among: Collection[str] | None
) -> Iterable[ReadCount]:
    query: Select[Any] = select(
        PROBES.c.product,
        PROBES.c.output,
        func.sum(PROBES.c.probes).label("reads"),
        func.sum(PROBES.c.failed).label("failed"),
        func.min(PROBES.c.first_at).label("first"),
    ).where(PROBES.c.last_at >= since)
    query = rows.limit_to(conn, query, PROBES.c.product, among)
    if product is not None:
        query = query.where(PROBES.c.product == product)
    if output is not None:
        query = query.where(PROBES.c.output == output)
    return rows.fetch_all(conn, query.group_by(PROBES.c.product, PROBES.c.output), ReadCount)


def _sum(one: ReadCount, other: ReadCount) -> ReadCount:
    first = min(one.first, other.first)
    return ReadCount(one.product, one.output, one.reads + other.reads, one.failed + other.failed, first)
