"""The outbox: events on their way out of the house, delivered at least once, those of one key in order.

A message is written in the transaction of what it tells about. A sender claims the oldest message of each key, sends
it, and then takes it out; while it is claimed, or waits for its next try, nothing younger of that key leaves. A message
that its destination refused for what it says is kept until somebody has it tried again, and holds nothing back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, or_, select, tuple_, update

from data_platform.record.db.schema import EVENTS, OUTBOX
from data_platform.record.operations import events


@dataclass(frozen=True, slots=True)
class Message:
    """The events of one happening for one destination; `attempts` counts the tries so far, this one not among them."""

    id: int
    destination: str
    key: str
    attempts: int
    at: datetime
    body: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a destination refused so many messages."""

    reason: str
    messages: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a destination has not taken: `messages` wait, the `oldest` since then; `refused` are kept and not sent.

    `next_try` is when the first of those that failed is due (of all, while none failed), `error` what the last failed
    try of one of them said; `refusals` are the reasons of those refused, the commonest first.
    """

    destination: str
    messages: int
    oldest: datetime | None
    next_try: datetime | None
    refused: int
    error: str | None
    refusals: tuple[Refusal, ...] = ()


def add(conn: Connection, event_id: int, key: str, destinations: Iterable[str], at: datetime) -> None:
    """Queues an event, just added in this transaction, for each destination."""
    xid = events.transaction_number(conn)
    for destination in destinations:
        row = {"xid": xid, "event_id": event_id, "destination": destination, "key": key, "attempts": 0, "due_at": at}
        conn.execute(OUTBOX.insert().values(row))


def claim(conn: Connection, destination: str, now: datetime, until: datetime, limit: int = 100) -> tuple[Message, ...]:
    """The oldest message of each key that is due, held for the caller until `until`; oldest first."""
    older = OUTBOX.alias()
    behind = (
        select(older.c.id)
        .where(older.c.destination == OUTBOX.c.destination, older.c.key == OUTBOX.c.key, older.c.refused_at.is_(None))
        .where(tuple_(older.c.xid, older.c.id) < tuple_(OUTBOX.c.xid, OUTBOX.c.id))
    )
    free = or_(OUTBOX.c.claimed_until.is_(None), OUTBOX.c.claimed_until <= now)
    query = (
        select(OUTBOX.c.id, OUTBOX.c.destination, OUTBOX.c.key, OUTBOX.c.attempts, EVENTS.c.at, EVENTS.c.body)
        .join(EVENTS, EVENTS.c.id == OUTBOX.c.event_id)
        .where(OUTBOX.c.destination == destination, OUTBOX.c.refused_at.is_(None))
        .where(OUTBOX.c.due_at <= now, free, ~behind.exists())
        .where(*events.settled(conn, OUTBOX.c.xid))
        .order_by(OUTBOX.c.xid, OUTBOX.c.id)
        .limit(limit)
        .with_for_update(of=OUTBOX, skip_locked=True)
    )
    messages = tuple(Message(**row) for row in conn.execute(query).mappings())
    held = [message.id for message in messages]
    conn.execute(update(OUTBOX).where(OUTBOX.c.id.in_(held)).values(claimed_until=until))
    return messages


def delivered(conn: Connection, id: int) -> None:
    """Takes a message out: its destination has it."""
    conn.execute(delete(OUTBOX).where(OUTBOX.c.id == id))


def failed(conn: Connection, id: int, due_at: datetime, error: str) -> None:
    """Lets a claimed message wait for its next try at `due_at`."""
    again = {"attempts": OUTBOX.c.attempts + 1, "due_at": due_at, "claimed_until": None, "error": error}
    conn.execute(update(OUTBOX).where(OUTBOX.c.id == id).values(again))


def refused(conn: Connection, id: int, at: datetime, error: str) -> None:
    """Keeps a claimed message that its destination will never take as it is."""
    kept = {"attempts": OUTBOX.c.attempts + 1, "refused_at": at, "claimed_until": None, "error": error}
    conn.execute(update(OUTBOX).where(OUTBOX.c.id == id).values(kept))


def release(conn: Connection, ids: Iterable[int]) -> None:
    """Gives up claims without having tried."""
    conn.execute(update(OUTBOX).where(OUTBOX.c.id.in_(list(ids))).values(claimed_until=None))


def try_again(conn: Connection, now: datetime) -> int:
    """Makes everything due now, what was refused too; returns how many refused messages wait again."""
    conn.execute(update(OUTBOX).where(OUTBOX.c.refused_at.is_(None), OUTBOX.c.due_at > now).values(due_at=now))
    kept = update(OUTBOX).where(OUTBOX.c.refused_at.is_not(None)).values(refused_at=None, due_at=now)
    return conn.execute(kept).rowcount


def waiting(conn: Connection) -> tuple[Waiting, ...]:
    """What waits and what is kept, by destination."""
    kept = OUTBOX.c.refused_at.is_not(None)
    last = select(OUTBOX.c.destination, func.max(OUTBOX.c.id).label("id")).where(OUTBOX.c.error.is_not(None), ~kept)
    failing = last.group_by(OUTBOX.c.destination).subquery()
    counted = (
        select(
            OUTBOX.c.destination,
            func.sum(case((kept, 0), else_=1)).label("messages"),
            func.min(_unless(kept, EVENTS.c.at)).label("oldest"),
            func.coalesce(
                func.min(_unless(or_(kept, OUTBOX.c.error.is_(None)), OUTBOX.c.due_at)),
                func.min(_unless(kept, OUTBOX.c.due_at)),
            ).label("next_try"),
            func.sum(case((kept, 1), else_=0)).label("refused"),
        )
        .join(EVENTS, EVENTS.c.id == OUTBOX.c.event_id)
        .group_by(OUTBOX.c.destination)
        .subquery()
    )
    told = OUTBOX.alias()
    query = (
        select(*counted.c, told.c.error)
        .outerjoin(failing, failing.c.destination == counted.c.destination)
        .outerjoin(told, and_(told.c.id == failing.c.id))
        .order_by(counted.c.destination)
    )
    refusals = _refusals(conn)
    found = conn.execute(query).mappings().all()
    return tuple(Waiting(**row, refusals=tuple(refusals[row["destination"]])) for row in found)


def _refusals(conn: Connection) -> dict[str, list[Refusal]]:
    counted = func.count().label("messages")
    query = select(OUTBOX.c.destination, OUTBOX.c.error, counted).where(OUTBOX.c.refused_at.is_not(None))
    query = query.group_by(OUTBOX.c.destination, OUTBOX.c.error).order_by(counted.desc(), OUTBOX.c.error)
    found: defaultdict[str, list[Refusal]] = defaultdict(list)
    for destination, reason, messages in conn.execute(query):
        found[destination].append(Refusal(reason or "", messages))
    return found


def _unless(condition: ColumnElement[bool], value: ColumnElement[datetime]) -> ColumnElement[datetime | None]:
    return case((condition, None), else_=value)
