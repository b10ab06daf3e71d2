"""Accounts of an OpenID provider, and the persons that they belong to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from data_platform.record.db import rows
from data_platform.record.db.identity_schema import MEMBERSHIPS, ROLE_GRANTS
from data_platform.record.db.session_schema import ACCOUNTS


def find_person(conn: Connection, issuer: str, subject: str) -> str | None:
    """The person that an account belongs to."""
    query = select(ACCOUNTS.c.principal).where(ACCOUNTS.c.issuer == issuer, ACCOUNTS.c.subject == subject)
    return conn.execute(query).scalar_one_or_none()


def add(conn: Connection, issuer: str, subject: str, principal: str, now: datetime) -> bool:
    """Gives an account to a person; False if the person, or the account, has another one."""
    values = {"issuer": issuer, "subject": subject, "principal": principal, "created_at": now}
    statement = rows.build_insert(conn, ACCOUNTS).values(values).on_conflict_do_nothing()
    return conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def list_teams_of(conn: Connection, issuer: str, member: str) -> set[str]:
    """The teams that the provider put a person into."""
    mine = (MEMBERSHIPS.c.member == member, MEMBERSHIPS.c.added_by == issuer)
    return set(conn.scalars(select(MEMBERSHIPS.c.team).where(*mine)))


def list_roles_of(conn: Connection, issuer: str, principal: str) -> set[str]:
    """The roles in the whole mesh that the provider gave a person."""
    mine = (ROLE_GRANTS.c.principal == principal, ROLE_GRANTS.c.granted_by == issuer, ROLE_GRANTS.c.domain == "")
    return set(conn.scalars(select(ROLE_GRANTS.c.role).where(*mine)))
