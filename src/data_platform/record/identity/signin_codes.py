"""Codes that sign a browser or a command in once, by their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data_platform.record.db import rows
from data_platform.record.db.session_schema import SIGNIN_CODES


@dataclass(frozen=True, slots=True)
class SignInCode:
    """A code for a principal. `challenge` is what its user must answer; None is the link of the owner of the home."""

    digest: str
    principal: str
    challenge: str | None
    created_at: datetime
    expires_at: datetime


def add(conn: Connection, row: SignInCode) -> None:
    """Adds a code, and removes those that have expired by then."""
    conn.execute(delete(SIGNIN_CODES).where(SIGNIN_CODES.c.expires_at <= row.created_at))
    conn.execute(SIGNIN_CODES.insert().values(rows.to_values(row)))


def find_principal(conn: Connection, digest: str) -> str | None:
    """The principal of a code that is there, valid or not, by a transaction that does not write."""
    return conn.scalar(select(SIGNIN_CODES.c.principal).where(SIGNIN_CODES.c.digest == digest))


def take(conn: Connection, digest: str, challenge: str | None, now: datetime) -> str | None:
    """Removes a code and returns its principal; None if it was taken, has expired, or has another challenge.

    Of several that take it at once, one gets it.
    """
    mine = (SIGNIN_CODES.c.digest == digest, SIGNIN_CODES.c.challenge.is_not_distinct_from(challenge))
    statement = delete(SIGNIN_CODES).where(*mine, SIGNIN_CODES.c.expires_at > now).returning(SIGNIN_CODES.c.principal)
    return conn.execute(statement).scalar_one_or_none()
