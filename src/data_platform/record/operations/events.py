"""Events: what happened in the mesh, in an order in which no reader misses an event.

Ids are assigned when a row is written, and rows become visible when their transaction commits: on Postgres a smaller
id may appear after a larger one was read. So a row also has its transaction's number, the order is (xid, id), and a
reader stops below the oldest running transaction: rows that are committed later come later in that order. SQLite has
one writer at a time, so its ids are in order.

A record that was dumped and restored into another Postgres has numbers that this server has not reached: no reader
would see those events, and new ones would sort before them. `renumber` moves them to the beginning, in order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from data_platform.record.db.history_triggers import allow_rewriting
from data_platform.record.db.schema import EVENTS, OUTBOX
from data_platform.record.operations.event_kinds import EventKind

Cursor = tuple[int, int]
"""A position in the sequence: the (xid, id) of the last event read."""

BEGINNING: Cursor = (0, 0)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: to a product, to an output of it, or to anything else, whose `product` is `KIND:NAME`.

    `kind` is an EventKind; a newer release may have written another. `body` has the OpenLineage events of it in order,
    `details` are small facts, as the audit log has them. `id` and `xid` are 0 until the row is added.
    """

    id: int
    xid: int
    product: str
    kind: str
    at: datetime
    by: str
    body: list[dict[str, Any]] | None = None
    output: str | None = None
    details: dict[str, Any] | None = None

    @property
    def subject(self) -> str:
        """A product, `product.output`, or `KIND:NAME`, as the audit log names it."""
        return self.product if self.output is None else f"{self.product}.{self.output}"

    @property
    def cursor(self) -> Cursor:
        """Its position in the sequence."""
        return self.xid, self.id


@dataclass(frozen=True, slots=True)
class EventPlace:
    """Identifies one event, also among the events of other records and of restored backups."""

    xid: int
    id: int
    product: str
    at: datetime


_NUMBERS = "postgresql"
"""The dialect whose transactions have numbers."""

_ALL = select(*rows.select_columns(EVENTS, Event))
_PLACE = tuple_(EVENTS.c.xid, EVENTS.c.id)
_ORDER = (EVENTS.c.xid, EVENTS.c.id)


def add(conn: Connection, event: Event) -> int:
    """Records the event in the transaction of its act, and returns its id."""
    values = {**rows.to_values(event, "id"), "xid": read_transaction_number(conn)}
    key: Any = conn.execute(EVENTS.insert().values(values)).inserted_primary_key
    return int(key[0])


def add_all(conn: Connection, new: Sequence[Event]) -> None:
    """Records events in the transaction of their act, in this order, by one statement."""
    if new:
        insertion = EVENTS.insert().values(xid=read_transaction_number(conn))
        conn.execute(insertion, [rows.to_values(event, "id", "xid") for event in new])


def list_after(conn: Connection, cursor: Cursor = BEGINNING, limit: int = 1000) -> tuple[Event, ...]:
    """The events after the cursor, in order; continue at the `cursor` of the last one."""
    query = _ALL.where(tuple_(*map(literal, cursor)) < _PLACE, *match_settled(conn, EVENTS.c.xid))
    return rows.fetch_all(conn, query.order_by(*_ORDER).limit(limit), Event)


def find_last(conn: Connection) -> EventPlace | None:
    """The last event that `list_after` would return."""
    return rows.fetch_one(conn, _select_last(conn.dialect.name), EventPlace)


@cache
def _select_last(dialect: str) -> Select[Any]:
    """The query, built once per dialect: every search runs it, and building it took longer than running it."""
    query = select(*rows.select_columns(EVENTS, EventPlace)).where(*_match_settled(dialect, EVENTS.c.xid))
    return query.order_by(*(column.desc() for column in _ORDER)).limit(1)


def contains(conn: Connection, place: EventPlace) -> bool:
    """Whether this record still has that event."""
    query = select(*rows.select_columns(EVENTS, EventPlace)).where(EVENTS.c.id == place.id)
    return rows.fetch_one(conn, query, EventPlace) == place


def list_products_after(conn: Connection, cursor: Cursor, kinds: Collection[EventKind]) -> frozenset[str]:
    """The products with events of these kinds after the cursor."""
    query = select(EVENTS.c.product).where(tuple_(*map(literal, cursor)) < _PLACE, *match_settled(conn, EVENTS.c.xid))
    return frozenset(conn.scalars(query.where(EVENTS.c.kind.in_(kinds)).distinct()))


def list_history(
    conn: Connection, product: str, kind: EventKind | None = None, limit: int | None = None
) -> tuple[Event, ...]:
    """The product's events, newest first."""
    query = _ALL.where(EVENTS.c.product == product)
    if kind is not None:
        query = query.where(EVENTS.c.kind == kind)
    return rows.fetch_all(conn, query.order_by(EVENTS.c.id.desc()).limit(limit), Event)


def count_by_subject(conn: Connection, kind: EventKind, subjects: Collection[str]) -> dict[str, int]:
    """How many events of a kind each of the subjects has; one without any is missing."""
    mine = (rows.is_one_of(conn, EVENTS.c.product, subjects), EVENTS.c.kind == kind)
    counted = conn.execute(select(EVENTS.c.product, func.count()).where(*mine).group_by(EVENTS.c.product))
    return {subject: count for subject, count in counted.all()}  # noqa: C416  rows are no pairs to mypy


def has_foreign_numbers(conn: Connection) -> bool:
    """Whether events have transaction numbers that this server has not assigned: another server wrote them."""
    if not _has_numbers(conn):
        return False
    newest = select(func.max(EVENTS.c.xid)).scalar_subquery()
    return bool(conn.scalar(select(newest >= _cast_number("pg_snapshot_xmax(pg_current_snapshot())"))))


def renumber(conn: Connection) -> None:
    """Puts all events and messages before those that this server will write; their ids keep them in order."""
    with allow_rewriting(conn, EVENTS):
        conn.execute(update(EVENTS).values(xid=0))
    conn.execute(update(OUTBOX).values(xid=0))


def read_transaction_number(conn: Connection) -> ColumnElement[int] | int:
    """The number of this transaction on Postgres; 0 on SQLite, which has one writer."""
    return _cast_number("pg_current_xact_id()") if _has_numbers(conn) else 0


def read_horizon(conn: Connection) -> tuple[int, int]:
    """The numbers of the oldest running transaction and of the next one to begin; 0 on SQLite."""
    if not _has_numbers(conn):
        return 0, 0
    row = conn.execute(
        select(*(_cast_number(f"pg_snapshot_{end}(pg_current_snapshot())") for end in ("xmin", "xmax")))
    ).one()
    return int(row[0]), int(row[1])


def match_settled(conn: Connection, xid: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """The condition that a row's transaction and all earlier ones have ended."""
    return _match_settled(conn.dialect.name, xid)


def _match_settled(dialect: str, xid: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    return (xid < _cast_number("pg_snapshot_xmin(pg_current_snapshot())"),) if dialect == _NUMBERS else ()


def _has_numbers(conn: Connection) -> bool:
    return conn.dialect.name == _NUMBERS


def _cast_number(xid8: str) -> ColumnElement[int]:
    return literal_column(f"CAST(CAST({xid8} AS text) AS bigint)", BigInteger)
