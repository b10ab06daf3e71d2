"""Declarations that columns made from personal data are anonymous: declared by a contract, decided by a governor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from data_platform.record.db import rows
from data_platform.record.db.anonymisation_schema import ANONYMISATIONS

APPROVED, REFUSED = "approved", "refused"


@dataclass(frozen=True, slots=True)
class Anonymisation:
    """One declaration about one column of an output; `id` is 0 until it is added. `sources` are sorted.

    It counts from the approval until a governor refuses it, or the contract says something else.
    """

    id: int
    product: str
    output: str
    column: str
    sources: tuple[str, ...]
    method: str
    declared_at: datetime
    declared_by: str
    verdict: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    note: str | None = None
    ended_at: datetime | None = None

    @property
    def state(self) -> str:
        """waiting, approved, refused or ended."""
        return "ended" if self.ended_at is not None else self.verdict or "waiting"


_ALL = select(*rows.select_columns(ANONYMISATIONS, Anonymisation)).order_by(ANONYMISATIONS.c.id.desc())


def add(conn: Connection, row: Anonymisation) -> int:
    """Records the declaration and returns its id."""
    return rows.add(conn, ANONYMISATIONS, row)


def find(conn: Connection, id: int) -> Anonymisation | None:
    """The declaration of that id."""
    return rows.fetch_one(conn, _ALL.where(ANONYMISATIONS.c.id == id), Anonymisation)


def list_history(conn: Connection, product: str | None = None) -> tuple[Anonymisation, ...]:
    """The declarations of a product, or of all, newest first, ended ones too."""
    mine = _ALL if product is None else _ALL.where(ANONYMISATIONS.c.product == product)
    return rows.fetch_all(conn, mine, Anonymisation)


def list_current(conn: Connection, product: str) -> tuple[Anonymisation, ...]:
    """What the product's contract declares now."""
    mine = (ANONYMISATIONS.c.product == product, ANONYMISATIONS.c.ended_at.is_(None))
    return rows.fetch_all(conn, _ALL.where(*mine), Anonymisation)


def decide(conn: Connection, id: int, verdict: str, at: datetime, by: str, note: str | None) -> bool:
    """Records a verdict; False, and nothing changes, for one that has it or is ended, and for one's own."""
    table = ANONYMISATIONS
    other = table.c.verdict.is_(None) | (table.c.verdict != verdict)
    open_to = (table.c.id == id, table.c.ended_at.is_(None), other)
    own = () if verdict == REFUSED else (table.c.declared_by != by,)
    values = {"verdict": verdict, "decided_at": at, "decided_by": by, "note": note}
    return conn.execute(update(table).where(*open_to, *own).values(values)).rowcount == 1


def end(conn: Connection, id: int, at: datetime) -> None:
    """Ends a declaration that the contract no longer makes."""
    conn.execute(update(ANONYMISATIONS).where(ANONYMISATIONS.c.id == id).values(ended_at=at))
