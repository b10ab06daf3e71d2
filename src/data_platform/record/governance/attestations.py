"""Attestations: somebody's word, with evidence and an end, that a product keeps a policy which no rule can judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import ATTESTATIONS


@dataclass(frozen=True, slots=True)
class Attestation:
    """One attestation; it holds from `given_at` until `expires_at`, or until it is withdrawn. `id` is 0 until added."""

    id: int
    product: str
    policy: str
    evidence: str
    given_at: datetime
    given_by: str
    expires_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it counts at that moment."""
        return self.withdrawn_at is None and self.given_at <= now < self.expires_at


_ALL = select(*rows.columns(ATTESTATIONS, Attestation)).order_by(ATTESTATIONS.c.id.desc())


def add(conn: Connection, row: Attestation) -> int:
    """Records it and returns the id it was given."""
    return rows.add(conn, ATTESTATIONS, row)


def find(conn: Connection, id: int) -> Attestation | None:
    """The attestation of that id."""
    return rows.fetch_one(conn, _ALL.where(ATTESTATIONS.c.id == id), Attestation)


def history(conn: Connection, product: str | None = None) -> tuple[Attestation, ...]:
    """Those of a product, or of all, newest first: also what expired or was withdrawn."""
    return rows.fetch_all(conn, _ALL if product is None else _ALL.where(ATTESTATIONS.c.product == product), Attestation)


def standing(conn: Connection, now: datetime, product: str | None = None) -> tuple[Attestation, ...]:
    """Those that hold at that moment, newest first."""
    return tuple(each for each in history(conn, product) if each.holds(now))


def withdraw(conn: Connection, id: int, at: datetime, by: str) -> bool:
    """Ends it before its time; False when it was withdrawn already, or never was."""
    statement = update(ATTESTATIONS).where(ATTESTATIONS.c.id == id, ATTESTATIONS.c.withdrawn_at.is_(None))
    return conn.execute(statement.values(withdrawn_at=at, withdrawn_by=by)).rowcount == 1
