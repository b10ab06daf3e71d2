"""Principals: persons, teams, services and agents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from data_platform.record.db import rows
from data_platform.record.db.identity_schema import PRINCIPALS
from data_platform.settings import PrincipalKind


@dataclass(frozen=True, slots=True)
class PrincipalRow:
    """A principal; `acts_for` is the person of an agent, `disabled_at` is None while it may ask."""

    name: str
    kind: str
    acts_for: str | None
    created_at: datetime
    created_by: str
    disabled_at: datetime | None = None
    disabled_by: str | None = None


_ALL = select(*rows.select_columns(PRINCIPALS, PrincipalRow)).order_by(PRINCIPALS.c.name)


def find(conn: Connection, name: str) -> PrincipalRow | None:
    """The principal of that name."""
    return rows.fetch_one(conn, _ALL.where(PRINCIPALS.c.name == name), PrincipalRow)


def list_all(conn: Connection, kind: PrincipalKind | None = None) -> tuple[PrincipalRow, ...]:
    """Every principal, or those of a kind, by name."""
    query = _ALL if kind is None else _ALL.where(PRINCIPALS.c.kind == kind)
    return rows.fetch_all(conn, query, PrincipalRow)


def add(conn: Connection, row: PrincipalRow) -> bool:
    """Adds a principal; False if there is one of that name."""
    statement = rows.build_insert(conn, PRINCIPALS).values(rows.to_values(row)).on_conflict_do_nothing()
    return conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def disable(conn: Connection, name: str, at: datetime, by: str) -> bool:
    """Notes that the principal may not ask any more; False if it could not before."""
    enabled = (PRINCIPALS.c.name == name, PRINCIPALS.c.disabled_at.is_(None))
    return conn.execute(update(PRINCIPALS).where(*enabled).values(disabled_at=at, disabled_by=by)).rowcount == 1


def enable(conn: Connection, name: str) -> bool:
    """Notes that the principal may ask again; False if it could."""
    disabled = (PRINCIPALS.c.name == name, PRINCIPALS.c.disabled_at.is_not(None))
    return conn.execute(update(PRINCIPALS).where(*disabled).values(disabled_at=None, disabled_by=None)).rowcount == 1
