"""Departures: people and teams who have left, and whose products need another owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data_platform.record.db import rows
from data_platform.record.db.schema import DEPARTURES


@dataclass(frozen=True, slots=True)
class Departure:
    """A principal who has left, since when, and who recorded it."""

    principal: str
    at: datetime
    by: str


_ALL = select(*rows.select_columns(DEPARTURES, Departure))


def find(conn: Connection, principal: str) -> Departure | None:
    """The departure of a principal; None if there is none."""
    return rows.fetch_one(conn, _ALL.where(DEPARTURES.c.principal == principal), Departure)


def list_all(conn: Connection) -> tuple[Departure, ...]:
    """Every departure, by principal."""
    return rows.fetch_all(conn, _ALL.order_by(DEPARTURES.c.principal), Departure)


def add(conn: Connection, row: Departure) -> bool:
    """Records a departure; False if it is already recorded."""
    statement = rows.build_insert(conn, DEPARTURES).values(rows.to_values(row)).on_conflict_do_nothing()
    return conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def end(conn: Connection, principal: str) -> bool:
    """Removes a departure; False if there is none."""
    return conn.execute(delete(DEPARTURES).where(DEPARTURES.c.principal == principal)).rowcount == 1
