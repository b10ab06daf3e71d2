"""Waivers: leave to break a policy for a while, asked for by one and approved by another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import WAIVERS


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver, of the whole product or of one `subject` of it (`orders_fact.email`); `id` is 0 until it is added.

    It holds from its approval until it expires or is ended; before its approval it is a request.
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

    def holds(self, now: datetime) -> bool:
        """Whether it counts at that moment."""
        return self.approved_at is not None and self.ended_at is None and self.approved_at <= now < self.expires_at

    def covers(self, policy: str, subject: str) -> bool:
        """Whether a finding of that policy about that subject is what it is for; a part of its subject is too."""
        mine = self.subject is None or subject == self.subject or subject.startswith(f"{self.subject}.")
        return policy == self.policy and mine


_ALL = select(*rows.columns(WAIVERS, Waiver)).order_by(WAIVERS.c.id.desc())


def add(conn: Connection, row: Waiver) -> int:
    """Records the request and returns the id it was given."""
    return rows.add(conn, WAIVERS, row)


def find(conn: Connection, id: int) -> Waiver | None:
    """The waiver of that id."""
    return rows.fetch_one(conn, _ALL.where(WAIVERS.c.id == id), Waiver)


def history(conn: Connection, product: str | None = None) -> tuple[Waiver, ...]:
    """Those of a product, or of all, newest first: also requests, and what expired or was ended."""
    return rows.fetch_all(conn, _ALL if product is None else _ALL.where(WAIVERS.c.product == product), Waiver)


def standing(conn: Connection, now: datetime, product: str | None = None) -> tuple[Waiver, ...]:
    """Those that hold at that moment, newest first."""
    return tuple(each for each in history(conn, product) if each.holds(now))


def approve(conn: Connection, id: int, at: datetime, by: str) -> bool:
    """Makes a request hold. False, and nothing changed, when it was answered already or `by` is who asked for it."""
    asked = (WAIVERS.c.id == id, WAIVERS.c.approved_at.is_(None), WAIVERS.c.ended_at.is_(None))
    statement = update(WAIVERS).where(*asked, WAIVERS.c.requested_by != by)
    return conn.execute(statement.values(approved_at=at, approved_by=by)).rowcount == 1


def end(conn: Connection, id: int, at: datetime, by: str) -> bool:
    """Declines a request, or ends a waiver before its time; False when it was ended already, or never was."""
    statement = update(WAIVERS).where(WAIVERS.c.id == id, WAIVERS.c.ended_at.is_(None))
    return conn.execute(statement.values(ended_at=at, ended_by=by)).rowcount == 1
