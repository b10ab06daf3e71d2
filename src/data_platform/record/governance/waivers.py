"""Waivers: temporary exemptions from a policy, requested by one person and approved by another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import WAIVERS


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver, for the whole product or one `subject` of it (`orders_fact.email`); `id` is 0 until it is added.

    It is active from its approval until it expires or is ended; before its approval it is a request.
    """

    id: int
    product: str
    policy: str
    subject: str | None
    reason: str
    requested_at: datetime
    requested_by: str
    expires_at: datetime
    approved_at: datetime | None = None
    approved_by: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether it is in force at that moment."""
        return self.approved_at is not None and self.ended_at is None and self.approved_at <= now < self.expires_at

    def is_for(self, policy: str, subject: str) -> bool:
        """Whether it applies to a finding of that policy about that subject, or about a part of its subject."""
        is_included = self.subject is None or subject == self.subject or subject.startswith(f"{self.subject}.")
        return policy == self.policy and is_included


_ALL = select(*rows.select_columns(WAIVERS, Waiver)).order_by(WAIVERS.c.id.desc())


def add(conn: Connection, row: Waiver) -> int:
    """Records the request and returns its id."""
    return rows.add(conn, WAIVERS, row)


def find(conn: Connection, id: int) -> Waiver | None:
    """The waiver of that id."""
    return rows.fetch_one(conn, _ALL.where(WAIVERS.c.id == id), Waiver)


def list_history(conn: Connection, product: str | None = None) -> tuple[Waiver, ...]:
    """The waivers of a product, or of all, newest first, including requests and expired and ended ones."""
    return rows.fetch_all(conn, _ALL if product is None else _ALL.where(WAIVERS.c.product == product), Waiver)


def list_active(conn: Connection, now: datetime, product: str | None = None) -> tuple[Waiver, ...]:
    """The waivers that are in force at that moment, newest first."""
    return tuple(waiver for waiver in list_history(conn, product) if waiver.is_active(now))


def approve(conn: Connection, id: int, at: datetime, by: str) -> bool:
    """Approves a request. Returns False and changes nothing if it is already answered, or `by` requested it."""
    is_open = (WAIVERS.c.id == id, WAIVERS.c.approved_at.is_(None), WAIVERS.c.ended_at.is_(None))
    statement = update(WAIVERS).where(*is_open, WAIVERS.c.requested_by != by)
    return conn.execute(statement.values(approved_at=at, approved_by=by)).rowcount == 1


def end(conn: Connection, id: int, at: datetime, by: str) -> bool:
    """Declines a request, or ends a waiver; False if it is already ended or does not exist."""
    statement = update(WAIVERS).where(WAIVERS.c.id == id, WAIVERS.c.ended_at.is_(None))
    return conn.execute(statement.values(ended_at=at, ended_by=by)).rowcount == 1
