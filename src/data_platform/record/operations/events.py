"""Events: what happened in the mesh, in an order that no reader can miss a part of.

Ids are given out when a row is written, and rows become visible when their transaction commits: on Postgres a smaller
id may appear after a larger one was read. So a row also carries its transaction's number, the order is (xid, id), and a
reader stops below the oldest transaction that still runs: whatever commits later comes later in that order. SQLite has
one writer at a time, and its ids alone are in order.

A record that was dumped and restored into another Postgres brings numbers along that this server has not reached: no
reader would see those events, and new ones would sort before them. `renumber` puts them at the beginning, in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)

from data_platform.record.db import rows
from data_platform.record.db.history_triggers import rewriting
from data_platform.record.db.schema import EVENTS, OUTBOX

Cursor = tuple[int, int]
"""A place in the sequence: the (xid, id) of the last event read."""

BEGINNING: Cursor = (0, 0)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a product; `body` has the OpenLineage events that tell it, in their order.

    `kind` is registered, published, refused, consumed, deprecated or retired; a judgement is told with its
    publish. `id` and `xid` are 0 until the row is added.
    """

    id: int
    xid: int
    product: str
    kind: str
    at: datetime
    by: str
    body: list[dict[str, Any]] | None = None

    @property
    def cursor(self) -> Cursor:
        """Its place in the sequence."""
        return self.xid, self.id


@dataclass(frozen=True, slots=True)
class Place:
    """One event, told so well that no event of another record, or of one restored from a backup, is taken for it."""

    xid: int
    id: int
    product: str
    at: datetime


_NUMBERS = "postgresql"
"""The dialect whose transactions have numbers."""

_ALL = select(*rows.columns(EVENTS, Event))
_PLACE = tuple_(EVENTS.c.xid, EVENTS.c.id)
_ORDER = (EVENTS.c.xid, EVENTS.c.id)


def add(conn: Connection, event: Event) -> int:
    """Records the event in the transaction of what it tells about, and returns the id it was given."""
    values = {**rows.values(event, "id"), "xid": transaction_number(conn)}
    key: Any = conn.execute(EVENTS.insert().values(values)).inserted_primary_key
    return int(key[0])


def after(conn: Connection, cursor: Cursor = BEGINNING, limit: int = 1000) -> tuple[Event, ...]:
    """The events that follow the cursor, in order; the last one's `cursor` is where to go on."""
    query = _ALL.where(tuple_(*map(literal, cursor)) < _PLACE, *settled(conn, EVENTS.c.xid))
    return rows.fetch_all(conn, query.order_by(*_ORDER).limit(limit), Event)


def newest(conn: Connection) -> Cursor:
    """The cursor of the last event that `after` would give."""
    query = select(*_ORDER).where(*settled(conn, EVENTS.c.xid)).order_by(*(column.desc() for column in _ORDER))
    row = conn.execute(query.limit(1)).one_or_none()
    return BEGINNING if row is None else (row.xid, row.id)


def last(conn: Connection) -> Place | None:
    """The last event that `after` would give."""
    return rows.fetch_one(conn, _last(conn.dialect.name), Place)


@cache
def _last(dialect: str) -> Select[Any]:
    """Made once for each dialect: whoever searches asks it, and to build it took longer than to ask it."""
    query = select(*rows.columns(EVENTS, Place)).where(*_settled(dialect, EVENTS.c.xid))
    return query.order_by(*(column.desc() for column in _ORDER)).limit(1)


def stands(conn: Connection, place: Place) -> bool:
    """Whether this record still has that event."""
    query = select(*rows.columns(EVENTS, Place)).where(EVENTS.c.id == place.id)
    return rows.fetch_one(conn, query, Place) == place


def products_after(conn: Connection, cursor: Cursor = BEGINNING) -> frozenset[str]:
    """The products that something happened to after the cursor."""
    query = select(EVENTS.c.product).where(tuple_(*map(literal, cursor)) < _PLACE, *settled(conn, EVENTS.c.xid))
    return frozenset(conn.scalars(query.distinct()))


def history(conn: Connection, product: str, kind: str | None = None, limit: int | None = None) -> tuple[Event, ...]:
    """The product's events, newest first."""
    query = _ALL.where(EVENTS.c.product == product)
    if kind is not None:
        query = query.where(EVENTS.c.kind == kind)
    return rows.fetch_all(conn, query.order_by(EVENTS.c.id.desc()).limit(limit), Event)


def from_elsewhere(conn: Connection) -> bool:
    """Whether events bear numbers of transactions that this server has not given out: another one wrote them."""
    if not _numbered(conn):
        return False
    newest = select(func.max(EVENTS.c.xid)).scalar_subquery()
    return bool(conn.scalar(select(newest >= _number("pg_snapshot_xmax(pg_current_snapshot())"))))


def renumber(conn: Connection) -> None:
    """Makes all events and messages older than whatever this server will write; their ids keep them in order."""
    with rewriting(conn, EVENTS):
        conn.execute(update(EVENTS).values(xid=0))
    conn.execute(update(OUTBOX).values(xid=0))


def transaction_number(conn: Connection) -> ColumnElement[int] | int:
    """The number of this transaction on Postgres; 0 where writers come one after another."""
    return _number("pg_current_xact_id()") if _numbered(conn) else 0


def horizon(conn: Connection) -> tuple[int, int]:
    """The numbers of the oldest running transaction and of the next one to begin; 0 where one writes at a time."""
    if not _numbered(conn):
        return 0, 0
    row = conn.execute(
        select(*(_number(f"pg_snapshot_{end}(pg_current_snapshot())") for end in ("xmin", "xmax")))
    ).one()
    return int(row[0]), int(row[1])


def settled(conn: Connection, xid: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """The condition that a row's transaction, and every one before it, has ended."""
    return _settled(conn.dialect.name, xid)


def _settled(dialect: str, xid: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    return (xid < _number("pg_snapshot_xmin(pg_current_snapshot())"),) if dialect == _NUMBERS else ()


def _numbered(conn: Connection) -> bool:
    return conn.dialect.name == _NUMBERS


def _number(xid8: str) -> ColumnElement[int]:
    return literal_column(f"CAST(CAST({xid8} AS text) AS bigint)", BigInteger)
