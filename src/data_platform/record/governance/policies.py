"""The mesh's policy file in all revisions; the highest is in force. Rows are added and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from data_platform.errors import ContractMoved
from data_platform.record.db import rows
from data_platform.record.db.schema import POLICIES


@dataclass(frozen=True, slots=True)
class PolicyRevision:
    """A policy file as it was applied: its `text`, and the name of the `file` it came from; `note` says why."""

    revision: int
    text: str
    file: str
    note: str | None
    applied_at: datetime
    applied_by: str


_ALL = select(*rows.select_columns(POLICIES, PolicyRevision))


def find_revision(conn: Connection) -> int:
    """The number of the revision in force; 0 while none was applied. It is a precondition of a publish."""
    return conn.scalar(select(func.max(POLICIES.c.revision))) or 0


def find_current(conn: Connection) -> PolicyRevision | None:
    """The policies in force."""
    return rows.fetch_one(conn, _ALL.order_by(POLICIES.c.revision.desc()).limit(1), PolicyRevision)


def find(conn: Connection, revision: int) -> PolicyRevision | None:
    """That revision of the policies."""
    return rows.fetch_one(conn, _ALL.where(POLICIES.c.revision == revision), PolicyRevision)


def list_history(conn: Connection) -> tuple[PolicyRevision, ...]:
    """Every revision, newest first."""
    return rows.fetch_all(conn, _ALL.order_by(POLICIES.c.revision.desc()), PolicyRevision)


def add(conn: Connection, row: PolicyRevision) -> None:
    """Puts a revision in force; raises ContractMoved if another one with its number was applied before."""
    statement = rows.build_insert(conn, POLICIES).values(rows.to_values(row)).on_conflict_do_nothing()
    if not conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount:
        what = f"other policies were applied just now: revision {row.revision} is theirs"
        raise ContractMoved(what, hint="look at what they mean, then apply again")
