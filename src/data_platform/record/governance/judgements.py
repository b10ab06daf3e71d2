"""Judgements: the audit of every publish, including refused ones. Rows are added and never changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, select, type_coerce

from data_platform.record.db import rows
from data_platform.record.db.schema import AUDITS
from data_platform.record.db.types import Json


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One judgement; `version` is None if the publish was refused, `error` is the reason for a missing verdict.

    `results` has one JSON object per rule; `score` and `dimensions` are computed from them, and None in rows older
    than scores. `id` is 0 until the row is added.
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
class JudgementScore:
    """The score of one judgement; `results` are given only if no score was recorded."""

    output: str
    outcome: str
    at: datetime
    score: float | None
    results: list[dict[str, Any]] | None


_UNSCORED = type_coerce(case((AUDITS.c.score.is_(None), AUDITS.c.results), else_=None), Json()).label("results")
_SCORES = select(AUDITS.c.output, AUDITS.c.outcome, AUDITS.c.at, AUDITS.c.score, _UNSCORED)


def add(conn: Connection, row: AuditRow) -> int:
    """Records the judgement and returns its id; `row.id` is ignored."""
    return rows.add(conn, AUDITS, row)


def list_history(
    conn: Connection,
    product: str,
    output: str | None = None,
    since: datetime | None = None,
    limit: int | None = None,
    *,
    published: bool = False,
) -> tuple[AuditRow, ...]:
    """The judgements of a product or of one output, newest first; `since` includes its moment.

    `published` excludes refused publishes.
    """
    query = select(*rows.select_columns(AUDITS, AuditRow)).where(AUDITS.c.product == product)
    if output is not None:
        query = query.where(AUDITS.c.output == output)
    if since is not None:
        query = query.where(AUDITS.c.at >= since)
    if published:
        query = query.where(AUDITS.c.version.is_not(None))
    return rows.fetch_all(conn, query.order_by(AUDITS.c.at.desc(), AUDITS.c.id.desc()).limit(limit), AuditRow)


def list_refusals(conn: Connection, product: str, output: str | None, limit: int) -> tuple[AuditRow, ...]:
    """The last `limit` refused publishes of a product or of one output, newest first."""
    mine = [AUDITS.c.product == product, AUDITS.c.version.is_(None)]
    if output is not None:
        mine.append(AUDITS.c.output == output)
    query = select(*rows.select_columns(AUDITS, AuditRow)).where(*mine)
    return rows.fetch_all(conn, query.order_by(AUDITS.c.at.desc(), AUDITS.c.id.desc()).limit(limit), AuditRow)


def find_by_version(conn: Connection, product: str, output: str, version: int) -> AuditRow | None:
    """The judgement of a published version; None if none is recorded."""
    mine = (AUDITS.c.product == product, AUDITS.c.output == output, AUDITS.c.version == version)
    query = select(*rows.select_columns(AUDITS, AuditRow)).where(*mine).order_by(AUDITS.c.id.desc()).limit(1)
    return rows.fetch_one(conn, query, AuditRow)


def list_kept_rules(conn: Connection, product: str, output: str) -> set[str]:
    """The names of the rules that passed on at least one published version of the output."""
    mine = (AUDITS.c.product == product, AUDITS.c.output == output, AUDITS.c.version.is_not(None))
    results = conn.scalars(select(AUDITS.c.results).where(*mine))
    return {result["rule"] for audit in results for result in audit if result["passed"]}


def list_scores_of(conn: Connection, since: datetime, among: Collection[str]) -> tuple[JudgementScore, ...]:
    """The scores of these products since that moment, oldest first."""
    query = rows.limit_to(conn, _SCORES.where(AUDITS.c.at >= since), AUDITS.c.product, among)
    return rows.fetch_all(conn, query.order_by(AUDITS.c.at, AUDITS.c.id), JudgementScore)


def list_scores(conn: Connection, product: str, output: str | None, since: datetime) -> tuple[JudgementScore, ...]:
    """The scores of a product or of one output since that moment, oldest first."""
    query = _SCORES.where(AUDITS.c.product == product, AUDITS.c.at >= since)
    if output is not None:
        query = query.where(AUDITS.c.output == output)
    return rows.fetch_all(conn, query.order_by(AUDITS.c.at, AUDITS.c.id), JudgementScore)
