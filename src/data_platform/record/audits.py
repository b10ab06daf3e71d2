"""Audits: every judged publish, refused ones too. Added once, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from data_platform.record import rows
from data_platform.record.schema import AUDITS


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One judgement; `version` is None when it was refused, `error` says why no verdict came about.

    `results` has one JSON object a rule. `id` is 0 until the row is added.
    """

    id: int
    product: str
    output: str
    version: int | None
    outcome: str
    results: list[dict[str, Any]]
    error: str | None
    at: datetime
    by: str


def add(conn: Connection, row: AuditRow) -> int:
    """Records the judgement and returns the id it was given; `row.id` is not looked at."""
    return rows.add(conn, AUDITS, row)


def history(
    conn: Connection,
    product: str,
    output: str | None = None,
    since: datetime | None = None,
    limit: int | None = None,
    *,
    published: bool = False,
) -> tuple[AuditRow, ...]:
    """The judgements of a product or of one output, newest first; `since` includes its moment.

    `published` leaves out those that were refused.
    """
    query = select(*rows.columns(AUDITS, AuditRow)).where(AUDITS.c.product == product)
    if output is not None:
        query = query.where(AUDITS.c.output == output)
    if since is not None:
        query = query.where(AUDITS.c.at >= since)
    if published:
        query = query.where(AUDITS.c.version.is_not(None))
    return rows.fetch_all(conn, query.order_by(AUDITS.c.at.desc(), AUDITS.c.id.desc()).limit(limit), AuditRow)
