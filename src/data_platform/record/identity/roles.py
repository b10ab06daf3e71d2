"""Role assignments: which principal has which role, in the whole mesh or in one domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data_platform.record.db import rows
from data_platform.record.db.identity_schema import ROLE_GRANTS
from data_platform.settings import Role

MESH_WIDE = ""
"""The domain of a role in the whole mesh."""


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role of a principal; `domain` is empty for the whole mesh."""

    principal: str
    role: str
    domain: str
    granted_at: datetime
    granted_by: str


_ALL = select(*rows.select_columns(ROLE_GRANTS, RoleRow))
_ALL = _ALL.order_by(ROLE_GRANTS.c.principal, ROLE_GRANTS.c.role, ROLE_GRANTS.c.domain)


def list_all(conn: Connection, principal: str | None = None) -> tuple[RoleRow, ...]:
    """Every role, or those of a principal, by principal, role and domain."""
    return rows.fetch_all(
        conn, _ALL if principal is None else _ALL.where(ROLE_GRANTS.c.principal == principal), RoleRow
    )


def grant(conn: Connection, row: RoleRow) -> bool:
    """Gives the role; False if the principal has it."""
    statement = rows.build_insert(conn, ROLE_GRANTS).values(rows.to_values(row)).on_conflict_do_nothing()
    return conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def revoke(conn: Connection, principal: str, role: Role, domain: str) -> bool:
    """Takes the role back; False if the principal does not have it."""
    mine = (ROLE_GRANTS.c.principal == principal, ROLE_GRANTS.c.role == role, ROLE_GRANTS.c.domain == domain)
    return conn.execute(delete(ROLE_GRANTS).where(*mine)).rowcount == 1
