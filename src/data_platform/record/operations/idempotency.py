"""Idempotency keys: a request with a key is carried out once, whatever ends before its answer arrives.

A row is claimed by its holder, committed in the transaction of the act, and answered. Only the holder of a row can
commit it: an act whose claim was taken over by another request does not happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Update, delete, func, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import IDEMPOTENCY_KEYS

CLAIMED, COMMITTED, ANSWERED = "claimed", "committed", "answered"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key of a principal; the digests are those of the request, and of the data beside it where it was read.

    `entry` is the first entry of the act in the audit log; `answer` is JSON.
    """

    principal: str
    key: str
    verb: str
    request_digest: str
    holder: str
    claimed_until: datetime
    expires_at: datetime
    state: str = CLAIMED
    data_digest: str | None = None
    entry: int | None = None
    answer: object = None

    def is_free(self, now: datetime) -> bool:
        """Whether another request may have the key: its holder has ended without an act, or the key has expired."""
        return self.claimed_until <= now if self.state == CLAIMED else self.expires_at <= now


def claim(conn: Connection, row: KeyRow) -> bool:
    """Adds the row; False if the principal's key is there."""
    statement = rows.build_insert(conn, IDEMPOTENCY_KEYS).values(rows.to_values(row))
    once = statement.on_conflict_do_nothing(index_elements=["principal", "key"])
    return conn.execute(once.execution_options(preserve_rowcount=True)).rowcount == 1


def find(conn: Connection, principal: str, key: str) -> KeyRow | None:
    """The key of that principal."""
    query = select(*rows.select_columns(IDEMPOTENCY_KEYS, KeyRow))
    mine = (IDEMPOTENCY_KEYS.c.principal == principal, IDEMPOTENCY_KEYS.c.key == key)
    return rows.fetch_one(conn, query.where(*mine), KeyRow)


def take_over(conn: Connection, earlier: KeyRow, row: KeyRow) -> bool:
    """Replaces a row that is free by one of a new holder; False if another request was first."""
    unchanged = ("holder", "state", "claimed_until")
    same = (IDEMPOTENCY_KEYS.c[name] == getattr(earlier, name) for name in unchanged)
    return conn.execute(update(IDEMPOTENCY_KEYS).where(*same).values(rows.to_values(row))).rowcount == 1


def renew(conn: Connection, holder: str, until: datetime) -> None:
    """Extends the claim of a holder that still works."""
    conn.execute(_update(holder, CLAIMED).values(claimed_until=until))


def commit(conn: Connection, holder: str, entry: int | None, answer: object, data_digest: str | None) -> bool:
    """Marks the act of the holder as done, in the act's own transaction; False if the holder has lost the key."""
    values: dict[str, Any] = {
        "state": COMMITTED,
        "entry": func.coalesce(IDEMPOTENCY_KEYS.c.entry, entry),
        "data_digest": data_digest,
    }
    if answer is not None:
        values["answer"] = answer
    return conn.execute(_update(holder, CLAIMED, COMMITTED).values(values)).rowcount == 1


def finish(conn: Connection, holder: str, answer: object, data_digest: str | None) -> bool:
    """Stores the answer; False if the holder has lost the key."""
    values = {"state": ANSWERED, "answer": answer, "data_digest": data_digest}
    return conn.execute(_update(holder, CLAIMED, COMMITTED).values(values)).rowcount == 1


def release(conn: Connection, holder: str) -> bool:
    """Removes the key of a holder that did nothing; False if an act was committed, or the key was lost."""
    mine = (IDEMPOTENCY_KEYS.c.holder == holder, IDEMPOTENCY_KEYS.c.state == CLAIMED)
    return conn.execute(delete(IDEMPOTENCY_KEYS).where(*mine)).rowcount == 1


def remove_expired(conn: Connection, now: datetime) -> int:
    """Removes the keys that expired, and returns their number."""
    expired = (IDEMPOTENCY_KEYS.c.expires_at <= now, IDEMPOTENCY_KEYS.c.claimed_until <= now)
    return conn.execute(delete(IDEMPOTENCY_KEYS).where(*expired)).rowcount


def _update(holder: str, *states: str) -> Update:
    return update(IDEMPOTENCY_KEYS).where(IDEMPOTENCY_KEYS.c.holder == holder, IDEMPOTENCY_KEYS.c.state.in_(states))
