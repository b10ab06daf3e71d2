"""Incidents: one open incident for each cause on an output; a cause that strikes again counts it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from data_platform.record import rows
from data_platform.record.schema import INCIDENTS


@dataclass(frozen=True, slots=True)
class Incident:
    """What went wrong on an output, from `opened_at` until `resolved_at` (None while it is open)."""

    id: int
    product: str
    output: str
    cause: str
    summary: str
    opened_at: datetime
    resolved_at: datetime | None
    occurrences: int
    last_at: datetime


_ALL = select(*rows.columns(INCIDENTS, Incident))


def raise_(conn: Connection, product: str, output: str, cause: str, summary: str, at: datetime) -> Incident:
    """Opens an incident, or counts up the one that is open for that cause and takes the new summary."""
    new = Incident(0, product, output, cause, summary, at, None, 1, at)
    statement = rows.insert(conn, INCIDENTS).values(**rows.values(new, "id"), open=True)
    again = {
        "summary": statement.excluded["summary"],
        "last_at": statement.excluded["last_at"],
        "occurrences": INCIDENTS.c.occurrences + 1,
    }
    key = ["product", "output", "cause", "open"]
    conn.execute(statement.on_conflict_do_update(index_elements=key, set_=again))
    return rows.fetch_all(conn, _ALL.where(*_open(product, output, cause)), Incident)[0]


def resolve(conn: Connection, product: str, output: str, cause: str, at: datetime) -> bool:
    """Closes the open incident of that cause; False when none is open."""
    closing = update(INCIDENTS).where(*_open(product, output, cause)).values(resolved_at=at, open=None)
    return conn.execute(closing).rowcount == 1


def history(conn: Connection, product: str, open_only: bool = False) -> tuple[Incident, ...]:
    """The product's incidents, newest first."""
    query = _ALL.where(INCIDENTS.c.product == product)
    if open_only:
        query = query.where(INCIDENTS.c.open)
    return rows.fetch_all(conn, query.order_by(INCIDENTS.c.opened_at.desc(), INCIDENTS.c.id.desc()), Incident)


def _open(product: str, output: str, cause: str) -> tuple[ColumnElement[bool], ...]:
    mine = (INCIDENTS.c.product == product, INCIDENTS.c.output == output, INCIDENTS.c.cause == cause)
    return (*mine, INCIDENTS.c.open)
