"""The outbox: events to deliver to other systems, at least once, those of one key in order.

A message is written in the transaction of its act. A sender claims the oldest message of each key, sends it, and then
removes it; while it is claimed, or waits for its next try, no newer message of that key is sent. A message that its
destination rejected is kept until it is explicitly retried, and does not block others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, or_, select, tuple_, update

from data_platform.record.db import rows
from data_platform.record.db.schema import EVENTS, OUTBOX
from data_platform.record.operations import events
from data_platform.record.operations.events import Event


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """An event for a destination; those of one `key` are delivered in order."""

    event_id: int
    destination: str
    key: str


@dataclass(frozen=True, slots=True)
class Message:
    """An event for a destination that a sender has claimed; `attempts` counts the earlier tries."""

    id: int
    destination: str
    key: str
    attempts: int
    event: Event


@dataclass(frozen=True, slots=True)
class DeliveryRefusal:
    """A reason for which a destination rejected messages, and their number."""

    reason: str
    messages: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The undelivered messages of a destination: `messages` wait since `oldest`; `refused` ones are kept and not sent.

    `next_try` is when the first failed message is due (of all messages, if none has failed), `error` the error of the
    last failed try; `refusals` are the reasons of rejected messages, the most frequent first.
    """

    destination: str
    messages: int
    oldest: datetime | None
    next_try: datetime | None
    refused: int
    error: str | None
    refusals: tuple[DeliveryRefusal, ...] = ()


_EVENT = rows.select_columns(EVENTS, Event)


def add(conn: Connection, queued: Sequence[QueuedEvent], at: datetime) -> None:
    """Queues events that were added in this transaction, in this order, by one statement."""
    if queued:
        insertion = OUTBOX.insert().values(xid=events.read_transaction_number(conn), attempts=0, due_at=at)
        conn.execute(insertion, [rows.to_values(message) for message in queued])


def claim(conn: Connection, destination: str, now: datetime, until: datetime, limit: int = 100) -> tuple[Message, ...]:
    """Claims the oldest message of each key that is due for the caller until `until`; oldest first."""
    older = OUTBOX.alias()
    behind = (
        select(older.c.id)
        .where(older.c.destination == OUTBOX.c.destination, older.c.key == OUTBOX.c.key, older.c.refused_at.is_(None))
        .where(tuple_(older.c.xid, older.c.id) < tuple_(OUTBOX.c.xid, OUTBOX.c.id))
    )
    free = or_(OUTBOX.c.claimed_until.is_(None), OUTBOX.c.claimed_until <= now)
    query = (
        select(OUTBOX.c.id, OUTBOX.c.destination, OUTBOX.c.key, OUTBOX.c.attempts, *_EVENT)
        .join(EVENTS, EVENTS.c.id == OUTBOX.c.event_id)
        .where(OUTBOX.c.destination == destination, OUTBOX.c.refused_at.is_(None))
        .where(OUTBOX.c.due_at <= now, free, ~behind.exists())
        .where(*events.match_settled(conn, OUTBOX.c.xid))
        .order_by(OUTBOX.c.xid, OUTBOX.c.id)
        .limit(limit)
        .with_for_update(of=OUTBOX, skip_locked=True)
    )
    messages = tuple(
        Message(id, destination, key, attempts, Event(*event))
        for id, destination, key, attempts, *event in conn.execute(query)
    )
    ids = [message.id for message in messages]
    conn.execute(update(OUTBOX).where(OUTBOX.c.id.in_(ids)).values(claimed_until=until))
    return messages


def remove_delivered(conn: Connection, id: int) -> None:
    """Removes a delivered message."""
    conn.execute(delete(OUTBOX).where(OUTBOX.c.id == id))


def record_failure(conn: Connection, id: int, due_at: datetime, error: str) -> None:
    """Releases a claimed message after a failed try; the next try is at `due_at`."""
    again = {"attempts": OUTBOX.c.attempts + 1, "due_at": due_at, "claimed_until": None, "error": error}
    conn.execute(update(OUTBOX).where(OUTBOX.c.id == id).values(again))


def record_refusal(conn: Connection, id: int, at: datetime, error: str) -> None:
    """Keeps a claimed message that its destination rejected; it is not sent again by itself."""
    kept = {"attempts": OUTBOX.c.attempts + 1, "refused_at": at, "claimed_until": None, "error": error}
    conn.execute(update(OUTBOX).where(OUTBOX.c.id == id).values(kept))


def release(conn: Connection, ids: Iterable[int]) -> None:
    """Releases claims without a try."""
    conn.execute(update(OUTBOX).where(OUTBOX.c.id.in_(list(ids))).values(claimed_until=None))


def try_again(conn: Connection, now: datetime) -> int:
    """Makes all messages due now, including rejected ones; returns the number of rejected messages that wait again."""
    conn.execute(update(OUTBOX).where(OUTBOX.c.refused_at.is_(None), OUTBOX.c.due_at > now).values(due_at=now))
    kept = update(OUTBOX).where(OUTBOX.c.refused_at.is_not(None)).values(refused_at=None, due_at=now)
    return conn.execute(kept).rowcount


def list_waiting(conn: Connection) -> tuple[Waiting, ...]:
    """The undelivered messages, by destination."""
    kept = OUTBOX.c.refused_at.is_not(None)
    last = select(OUTBOX.c.destination, func.max(OUTBOX.c.id).label("id")).where(OUTBOX.c.error.is_not(None), ~kept)
    failing = last.group_by(OUTBOX.c.destination).subquery()
    counted = (
        select(
            OUTBOX.c.destination,
            func.sum(case((kept, 0), else_=1)).label("messages"),
            func.min(_skip_if(kept, EVENTS.c.at)).label("oldest"),
            func.coalesce(
                func.min(_skip_if(or_(kept, OUTBOX.c.error.is_(None)), OUTBOX.c.due_at)),
                func.min(_skip_if(kept, OUTBOX.c.due_at)),
            ).label("next_try"),
            func.sum(case((kept, 1), else_=0)).label("refused"),
        )
        .join(EVENTS, EVENTS.c.id == OUTBOX.c.event_id)
        .group_by(OUTBOX.c.destination)
        .subquery()
    )
    failed_message = OUTBOX.alias()
    query = (
        select(*counted.c, failed_message.c.error)
        .outerjoin(failing, failing.c.destination == counted.c.destination)
        .outerjoin(failed_message, and_(failed_message.c.id == failing.c.id))
        .order_by(counted.c.destination)
    )
    refusals = _count_refusals(conn)
    result = conn.execute(query).mappings().all()
    return tuple(Waiting(**row, refusals=tuple(refusals[row["destination"]])) for row in result)


def _count_refusals(conn: Connection) -> dict[str, list[DeliveryRefusal]]:
    counted = func.count().label("messages")
    query = select(OUTBOX.c.destination, OUTBOX.c.error, counted).where(OUTBOX.c.refused_at.is_not(None))
    query = query.group_by(OUTBOX.c.destination, OUTBOX.c.error).order_by(counted.desc(), OUTBOX.c.error)
    refusals: defaultdict[str, list[DeliveryRefusal]] = defaultdict(list)
    for destination, reason, messages in conn.execute(query):
        refusals[destination].append(DeliveryRefusal(reason or "", messages))
    return refusals


def _skip_if(condition: ColumnElement[bool], value: ColumnElement[datetime]) -> ColumnElement[datetime | None]:
    return case((condition, None), else_=value)
