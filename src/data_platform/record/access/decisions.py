"""Decisions about requests for access. They are history: a decision is added, and never changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select

from data_platform.record.db import rows
from data_platform.record.db.access_schema import ACCESS_DECISIONS, ACCESS_REQUEST_OUTPUTS, ACCESS_REQUESTS


@dataclass(frozen=True, slots=True)
class AccessDecisionRow:
    """A decision about the output at `position` of a request; `id` is 0 until it is added.

    `capacity` is what the decider was to the output: owner, approver, governor, requester, or `product.yaml` where
    its conditions approved. `verdict` is approve, deny or withdraw. `person` is the person behind an agent.
    """

    id: int
    request: int
    position: int
    decider: str
    person: str
    capacity: str
    verdict: str
    note: str | None
    at: datetime


_ALL = select(*rows.select_columns(ACCESS_DECISIONS, AccessDecisionRow)).order_by(ACCESS_DECISIONS.c.id)


def add(conn: Connection, row: AccessDecisionRow) -> int:
    """Records a decision and returns its id."""
    return rows.add(conn, ACCESS_DECISIONS, row)


def list_by_requests(conn: Connection, ids: Collection[int]) -> tuple[AccessDecisionRow, ...]:
    """The decisions about requests, oldest first."""
    return rows.fetch_all(conn, _ALL.where(ACCESS_DECISIONS.c.request.in_(ids)), AccessDecisionRow) if ids else ()


def list_unfinished(conn: Connection) -> tuple[int, ...]:
    """The ids of requests with an output that nobody denied or withdrew, newest first; some are approved fully."""
    ended = exists().where(
        ACCESS_DECISIONS.c.request == ACCESS_REQUEST_OUTPUTS.c.request,
        ACCESS_DECISIONS.c.position == ACCESS_REQUEST_OUTPUTS.c.position,
        ACCESS_DECISIONS.c.verdict != "approve",
    )
    query = select(ACCESS_REQUEST_OUTPUTS.c.request).where(~ended).distinct()
    query = query.join(ACCESS_REQUESTS, ACCESS_REQUESTS.c.id == ACCESS_REQUEST_OUTPUTS.c.request)
    query = query.where(~ACCESS_REQUESTS.c.is_break_glass).order_by(ACCESS_REQUEST_OUTPUTS.c.request.desc())
    return tuple(conn.scalars(query))
