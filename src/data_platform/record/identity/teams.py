"""Members of teams. The teams themselves are principals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from data_platform.record.db import rows
from data_platform.record.db.identity_schema import MEMBERSHIPS, PRINCIPALS


@dataclass(frozen=True, slots=True)
class Membership:
    """A member of a team, since when, and who added it."""

    team: str
    member: str
    added_at: datetime
    added_by: str


_ALL = select(*rows.select_columns(MEMBERSHIPS, Membership)).order_by(MEMBERSHIPS.c.team, MEMBERSHIPS.c.member)


def list_all(conn: Connection) -> tuple[Membership, ...]:
    """Every membership, by team and member."""
    return rows.fetch_all(conn, _ALL, Membership)


def list_members(conn: Connection, team: str) -> tuple[str, ...]:
    """The members of a team, by name."""
    return tuple(row.member for row in rows.fetch_all(conn, _ALL.where(MEMBERSHIPS.c.team == team), Membership))


def list_persons(conn: Connection, team: str) -> frozenset[str]:
    """Who is behind the members of a team: each of them, and of an agent its person."""
    member = func.coalesce(PRINCIPALS.c.acts_for, MEMBERSHIPS.c.member)
    joined = MEMBERSHIPS.outerjoin(PRINCIPALS, PRINCIPALS.c.name == MEMBERSHIPS.c.member)
    return frozenset(conn.scalars(select(member).select_from(joined).where(MEMBERSHIPS.c.team == team)))


def list_teams(conn: Connection, member: str) -> tuple[str, ...]:
    """The teams of a principal, by name."""
    return tuple(row.team for row in rows.fetch_all(conn, _ALL.where(MEMBERSHIPS.c.member == member), Membership))


def add(conn: Connection, row: Membership) -> bool:
    """Adds a member; False if it was one."""
    statement = rows.build_insert(conn, MEMBERSHIPS).values(rows.to_values(row)).on_conflict_do_nothing()
    return conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def remove(conn: Connection, team: str, member: str) -> bool:
    """Removes a member; False if it was none."""
    mine = (MEMBERSHIPS.c.team == team, MEMBERSHIPS.c.member == member)
    return conn.execute(delete(MEMBERSHIPS).where(*mine)).rowcount == 1
