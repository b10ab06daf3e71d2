"""Departures: people (and teams) who are gone, and whose products need another owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data_platform.record.db import rows
from data_platform.record.db.schema import DEPARTURES


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody who is gone, since when, and who said so."""

    principal: str
    at: datetime
    by: str


_ALL = select(*rows.columns(DEPARTURES, Departure))


def find(conn: Connection, principal: str) -> Departure | None:
    """That somebody is gone."""
    return rows.fetch_one(conn, _ALL.where(DEPARTURES.c.principal == principal), Departure)


def all(conn: Connection) -> tuple[Departure, ...]:
    """Everybody who is gone, by name."""
    return rows.fetch_all(conn, _ALL.order_by(DEPARTURES.c.principal), Departure)


def add(conn: Connection, row: Departure) -> bool:
    """Notes that somebody is gone; False when that is known."""
    statement = rows.insert(conn, DEPARTURES).values(rows.values(row)).on_conflict_do_nothing()
    return conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def end(conn: Connection, principal: str) -> bool:
    """Notes that somebody is back; False when they were not gone."""
    return conn.execute(delete(DEPARTURES).where(DEPARTURES.c.principal == principal)).rowcount == 1
