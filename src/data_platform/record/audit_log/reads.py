"""Reads, sealed in batches: a consume writes its event and waits for nobody, and a later entry of the log seals many.

A batch is every read with an id behind the last batch up to its own last one. Ids are given out before rows become
visible, so only reads are sealed below which nothing can appear any more: `mark` notes the newest id, and once all
transactions of that moment have ended (`is_final`), what is visible up to it is all there will ever be. A read takes
its transaction's number before its id (`usage` is written first), or that would not hold.

The digest is the SHA-256 over a line for each read in order: the canonical JSON of [id, product, at, by, body].
Postgres's transaction numbers are not in it: a record that moves to another server gets new ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Select, func, select

from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.chain import fetch, parsed, reading
from data_platform.record.audit_log.entry import canonical
from data_platform.record.audit_log.stored_bytes import moment_text, stored_bytes, stored_moment, text_of
from data_platform.record.db.schema import AUDIT_LOG, EVENTS
from data_platform.record.operations import events

CONSUMED = "consumed"


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest event, and the number below which all transactions must end for nothing to appear before it."""

    id: int
    before: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Reads that belong together: every one behind `after`, from `first` up to `last`."""

    after: int
    first: int
    last: int
    count: int
    sha256: str

    @property
    def details(self) -> Mapping[str, int | str]:
        """The batch as its entry has it."""
        return asdict(self)


def mark(conn: Connection) -> Mark:
    """How far reads may be sealed once this moment is over."""
    newest = conn.scalar(select(func.max(EVENTS.c.id))) or 0
    return Mark(newest, events.horizon(conn)[1])


def is_final(conn: Connection, mark: Mark) -> bool:
    """Whether all transactions of that moment have ended."""
    return events.horizon(conn)[0] >= mark.before


def sealed_to(conn: Connection) -> int | None:
    """The id of the last read that is sealed; None where somebody changed the entry that would say so."""
    newest = reading(conn).where(AUDIT_LOG.c.act == Act.READS).order_by(AUDIT_LOG.c.number.desc()).limit(1)
    found = fetch(conn, newest)
    if not found:
        return 0
    told = _told(parsed(found[0]).get("details", {}))
    return None if told is None else told.last


def batch(conn: Connection, to: int, limit: int = 10_000) -> Batch | None:
    """The next reads to seal, `limit` at most, with ids up to `to`; None when there are none."""
    after = sealed_to(conn)
    return None if after is None else _digest(conn, after, _between(conn, after, to).limit(limit))


def unsealed(conn: Connection) -> int:
    """How many reads no entry covers yet."""
    query = select(func.count()).where(EVENTS.c.kind == CONSUMED, EVENTS.c.id > (sealed_to(conn) or 0))
    return conn.scalar(query) or 0


def fault(conn: Connection, details: Mapping[str, Any]) -> str | None:
    """How the reads that an entry sealed differ from what they were; None when they do not."""
    told = _told(details)
    if told is None:
        return "it does not say which reads it sealed"
    found = _digest(conn, told.after, _between(conn, told.after, told.last))
    if found == told:
        return None
    there = 0 if found is None else found.count
    how = f"{there:,} are there now" if there != told.count else "they are not what they were"
    return f"it sealed {told.count:,} reads, events {told.first} to {told.last}: {how}"


def _told(details: Mapping[str, Any]) -> Batch | None:
    try:
        return Batch(**details)
    except TypeError:
        return None


def _between(conn: Connection, after: int, to: int) -> Select[Any]:
    stored = [stored_bytes(conn, EVENTS.c[name]).label(name) for name in ("product", "by", "body")]
    query = select(EVENTS.c.id, stored_moment(conn, EVENTS.c.at).label("at"), *stored)
    return query.where(EVENTS.c.kind == CONSUMED, EVENTS.c.id > after, EVENTS.c.id <= to).order_by(EVENTS.c.id)


def _digest(conn: Connection, after: int, query: Select[Any]) -> Batch | None:
    digest, first, last, count = sha256(), 0, 0, 0
    for row in conn.execute(query):
        body = None if row.body is None else text_of(row.body)
        line = canonical([row.id, text_of(row.product), moment_text(row.at), text_of(row.by), body])
        digest.update(f"{line}\n".encode())
        first, last, count = first or row.id, row.id, count + 1
    return Batch(after, first, last, count, digest.hexdigest()) if count else None
