"""Reads, sealed in batches: a consume writes its event without waiting, and a later entry of the log seals many.

A batch is every read with an id after the last batch up to its own last one. Ids are assigned before rows become
visible, so only reads are sealed before which no row can appear any more: `mark` returns the newest id, and once all
transactions of that moment have ended (`is_final`), the visible rows up to it are complete. This requires that a read
takes its transaction's number before its id: `usage` is written first.

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
from data_platform.record.audit_log.chain import fetch, parse_entry, select_stored
from data_platform.record.audit_log.entry import encode_canonical
from data_platform.record.audit_log.stored_bytes import decode_text, format_stored_moment, select_bytes, select_moment
from data_platform.record.db.schema import AUDIT_LOG, EVENTS
from data_platform.record.operations import events
from data_platform.record.operations.event_kinds import EventKind


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest event, and the number below which all transactions must end so that no event can appear before it."""

    id: int
    before: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of reads: every read after `after`, from `first` up to `last`."""

    after: int
    first: int
    last: int
    count: int
    sha256: str

    @property
    def details(self) -> Mapping[str, int | str]:
        """The details of the batch's entry."""
        return asdict(self)


def mark(conn: Connection) -> Mark:
    """How far reads may be sealed once all current transactions have ended."""
    newest = conn.scalar(select(func.max(EVENTS.c.id))) or 0
    return Mark(newest, events.read_horizon(conn)[1])


def is_final(conn: Connection, mark: Mark) -> bool:
    """Whether all transactions of that moment have ended."""
    return events.read_horizon(conn)[0] >= mark.before


def find_last_sealed(conn: Connection) -> int | None:
    """The id of the last sealed read; 0 if there is none, None if the entry that contains it was manipulated."""
    newest = select_stored(conn).where(AUDIT_LOG.c.act == Act.READS).order_by(AUDIT_LOG.c.number.desc()).limit(1)
    entries = fetch(conn, newest)
    if not entries:
        return 0
    batch = _parse_batch(parse_entry(entries[0]).get("details", {}))
    return None if batch is None else batch.last


def make_batch(conn: Connection, to: int, limit: int = 10_000) -> Batch | None:
    """The next reads to seal, `limit` at most, with ids up to `to`; None if there are none."""
    after = find_last_sealed(conn)
    return None if after is None else _hash_reads(conn, after, _select_between(conn, after, to).limit(limit))


def count_unsealed(conn: Connection) -> int:
    """The number of reads that are not sealed yet."""
    query = select(func.count()).where(EVENTS.c.kind == EventKind.CONSUMED, EVENTS.c.id > (find_last_sealed(conn) or 0))
    return conn.scalar(query) or 0


def find_fault(conn: Connection, details: Mapping[str, Any]) -> str | None:
    """How the reads that an entry sealed have changed since; None if they have not."""
    sealed = _parse_batch(details)
    if sealed is None:
        return "it does not say which reads it sealed"
    current = _hash_reads(conn, sealed.after, _select_between(conn, sealed.after, sealed.last))
    if current == sealed:
        return None
    count = 0 if current is None else current.count
    how = f"{count:,} are there now" if count != sealed.count else "they are not what they were"
    return f"it sealed {sealed.count:,} reads, events {sealed.first} to {sealed.last}: {how}"


def _parse_batch(details: Mapping[str, Any]) -> Batch | None:
    try:
        return Batch(**details)
    except TypeError:
        return None


def _select_between(conn: Connection, after: int, to: int) -> Select[Any]:
    stored = [select_bytes(conn, EVENTS.c[name]).label(name) for name in ("product", "by", "body")]
    query = select(EVENTS.c.id, select_moment(conn, EVENTS.c.at).label("at"), *stored)
    return query.where(EVENTS.c.kind == EventKind.CONSUMED, EVENTS.c.id > after, EVENTS.c.id <= to).order_by(
        EVENTS.c.id
    )


def _hash_reads(conn: Connection, after: int, query: Select[Any]) -> Batch | None:
    digest, first, last, count = sha256(), 0, 0, 0
    for row in conn.execute(query):
        body = None if row.body is None else decode_text(row.body)
        line = encode_canonical(
            [row.id, decode_text(row.product), format_stored_moment(row.at), decode_text(row.by), body]
        )
        digest.update(f"{line}\n".encode())
        first, last, count = first or row.id, row.id, count + 1
    return Batch(after, first, last, count, digest.hexdigest()) if count else None
