"""Attestations: statements, with evidence and an expiry, that a product complies with a policy no rule can evaluate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import ATTESTATIONS


@dataclass(frozen=True, slots=True)
class Attestation:
    """One attestation, active from `given_at` until `expires_at` or its withdrawal. `id` is 0 until it is added."""

    id: int
    product: str
    policy: str
    evidence: str
    given_at: datetime
    given_by: str
    expires_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether it is in force at that moment."""
        return self.withdrawn_at is None and self.given_at <= now < self.expires_at


_ALL = select(*rows.select_columns(ATTESTATIONS, Attestation)).order_by(ATTESTATIONS.c.id.desc())


def add(conn: Connection, row: Attestation) -> int:
    """Records it and returns its id."""
    return rows.add(conn, ATTESTATIONS, row)


def find(conn: Connection, id: int) -> Attestation | None:
    """The attestation of that id."""
    return rows.fetch_one(conn, _ALL.where(ATTESTATIONS.c.id == id), Attestation)


def list_history(conn: Connection, product: str | None = None) -> tuple[Attestation, ...]:
    """The attestations of a product, or of all, newest first, including expired and withdrawn ones."""
    return rows.fetch_all(conn, _ALL if product is None else _ALL.where(ATTESTATIONS.c.product == product), Attestation)


def list_active(conn: Connection, now: datetime, product: str | None = None) -> tuple[Attestation, ...]:
    """The attestations that are in force at that moment, newest first."""
    return tuple(attestation for attestation in list_history(conn, product) if attestation.is_active(now))


def withdraw(conn: Connection, id: int, at: datetime, by: str) -> bool:
    """Withdraws it; False if it is already withdrawn or does not exist."""
    statement = update(ATTESTATIONS).where(ATTESTATIONS.c.id == id, ATTESTATIONS.c.withdrawn_at.is_(None))
    return conn.execute(statement.values(withdrawn_at=at, withdrawn_by=by)).rowcount == 1
