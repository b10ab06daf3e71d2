"""Tokens, by the SHA-256 of their text; the text itself is stored nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from data_platform.record.db import rows
from data_platform.record.db.identity_schema import TOKENS


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token. `role` is the highest role that it has of its principal's; `team`, `verbs` and `domains` narrow it."""

    id: int
    digest: str
    prefix: str
    principal: str
    role: str
    team: str | None
    verbs: tuple[str, ...] | None
    domains: tuple[str, ...] | None
    read_only: bool
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    last_used_at: datetime | None = None


_ALL = select(*rows.select_columns(TOKENS, TokenRow)).order_by(TOKENS.c.id)


def add(conn: Connection, row: TokenRow) -> int:
    """Adds a token and returns its number."""
    return rows.add(conn, TOKENS, row)


def find(conn: Connection, id: int) -> TokenRow | None:
    """The token of that number."""
    return rows.fetch_one(conn, _ALL.where(TOKENS.c.id == id), TokenRow)


def list_all(conn: Connection, principal: str | None = None) -> tuple[TokenRow, ...]:
    """Every token, or those of a principal, oldest first."""
    return rows.fetch_all(conn, _ALL if principal is None else _ALL.where(TOKENS.c.principal == principal), TokenRow)


def revoke(conn: Connection, id: int, at: datetime, by: str) -> bool:
    """Ends the token; False if it has been revoked."""
    valid = (TOKENS.c.id == id, TOKENS.c.revoked_at.is_(None))
    return conn.execute(update(TOKENS).where(*valid).values(revoked_at=at, revoked_by=by)).rowcount == 1


def revoke_all(conn: Connection, principal: str, at: datetime, by: str) -> int:
    """Ends every token of a principal; returns how many there were."""
    valid = (TOKENS.c.principal == principal, TOKENS.c.revoked_at.is_(None))
    return conn.execute(update(TOKENS).where(*valid).values(revoked_at=at, revoked_by=by)).rowcount


def record_use(conn: Connection, id: int, at: datetime) -> None:
    """Notes that the token was used."""
    conn.execute(update(TOKENS).where(TOKENS.c.id == id).values(last_used_at=at))
