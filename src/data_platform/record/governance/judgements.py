"""Audits: every judged publish, refused ones too. Added once, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, select, type_coerce

from data_platform.record.db import rows
from data_platform.record.db.schema import AUDITS
from data_platform.record.db.types import Json


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One judgement; `version` is None when it was refused, `error` says why no verdict came about.

    `results` has one JSON object a rule, `score` and `dimensions` what they came to on that day; both are None in rows
    older than scores. `id` is 0 until the row is added.
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
    score: float | None = None
    dimensions: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What one judgement scored; `results` are there only where no score was kept."""

    output: str
    outcome: str
    at: datetime
    score: float | None
    results: list[dict[str, Any]] | None


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


def of_version(conn: Connection, product: str, output: str, version: int) -> AuditRow | None:
    """The judgement that a version was published by; None where none is recorded."""
    mine = (AUDITS.c.product == product, AUDITS.c.output == output, AUDITS.c.version == version)
    query = select(*rows.columns(AUDITS, AuditRow)).where(*mine).order_by(AUDITS.c.id.desc()).limit(1)
    return rows.fetch_one(conn, query, AuditRow)


def kept_rules(conn: Connection, product: str, output: str) -> set[str]:
    """The names of the rules that passed on at least one published version of the output."""
    mine = (AUDITS.c.product == product, AUDITS.c.output == output, AUDITS.c.version.is_not(None))
    results = conn.scalars(select(AUDITS.c.results).where(*mine))
    return {result["rule"] for each in results for result in each if result["passed"]}


def scores(conn: Connection, product: str, output: str | None, since: datetime) -> tuple[Judged, ...]:
    """What the judgements of a product or of one output scored since that moment, oldest first."""
    unscored = case((AUDITS.c.score.is_(None), AUDITS.c.results), else_=None)
    query = select(
        AUDITS.c.output, AUDITS.c.outcome, AUDITS.c.at, AUDITS.c.score, type_coerce(unscored, Json()).label("results")
    ).where(AUDITS.c.product == product, AUDITS.c.at >= since)
    if output is not None:
        query = query.where(AUDITS.c.output == output)
    return rows.fetch_all(conn, query.order_by(AUDITS.c.at, AUDITS.c.id), Judged)
