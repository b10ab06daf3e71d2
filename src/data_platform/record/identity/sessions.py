"""Sessions of browsers, by the SHA-256 of their cookie; what has expired is removed when another session begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data_platform.record.db import rows
from data_platform.record.db.session_schema import SESSIONS


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session; `local`: it is that of the owner of the home. `token` is the digest of the token that began it."""

    digest: str
    principal: str
    local: bool
    created_at: datetime
    expires_at: datetime
    token: str | None = None


_ALL = select(*rows.select_columns(SESSIONS, SessionRow))


def add(conn: Connection, row: SessionRow) -> None:
    """Adds a session, and removes those that have expired by then."""
    conn.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= row.created_at))
    conn.execute(SESSIONS.insert().values(rows.to_values(row)))


def find(conn: Connection, digest: str, now: datetime) -> SessionRow | None:
    """The session of that digest, unless it has expired."""
    return rows.fetch_one(conn, _ALL.where(SESSIONS.c.digest == digest, SESSIONS.c.expires_at > now), SessionRow)


def remove(conn: Connection, digest: str) -> bool:
    """Ends a session; False if there is none."""
    return conn.execute(delete(SESSIONS).where(SESSIONS.c.digest == digest)).rowcount == 1
