"""Detection of manipulation of the audit log: an entry edited, removed, inserted or moved.

Each entry must have the next number, the hash of the entry before it, its own hash, and the values of its columns.
A client with write access to the database can still write a whole new chain, or cut its end: an anchor that is kept
elsewhere reveals it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from data_platform.record.audit_log.entry import BEFORE_ALL, FIELDS, hash_of, is_canonical
from data_platform.record.audit_log.stored_bytes import decode_text, format_stored_moment, select_bytes, select_moment
from data_platform.record.db.schema import AUDIT_LOG

_BEFORE_EVERY_NUMBER = -(2**63)


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry, byte by byte."""

    number: int
    at: datetime | bytes
    by: bytes
    act: bytes
    subject: bytes
    entry: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    """The hash of the last entry at some moment, kept outside of the mesh."""

    number: int
    hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """The first entry that was manipulated, and what is wrong with it."""

    number: int
    what: str


@dataclass
class Chain:
    """The log as far as it was read and verified: `number` entries, the last of which has that hash."""

    number: int = 0
    hash: str = BEFORE_ALL
    at: str | None = None
    act: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def take(self, stored: Stored, anchor: Anchor | None = None) -> ChainBreak | None:
        """Appends one entry, unless it breaks the chain; `act` and `details` are then that entry's."""
        expected = self.number + 1
        if stored.number != expected:
            return ChainBreak(expected, f"it is missing: entry {stored.number} is in its place")
        entry = parse_entry(stored)
        what = find_fault(stored, entry, self.hash)
        if (
            what is None
            and anchor is not None
            and anchor.number == expected
            and anchor.hash != decode_text(stored.hash)
        ):
            what = "the anchor has another hash for it: the log was written anew, or the anchor is another mesh's"
        if what is not None:
            return ChainBreak(expected, what)
        self.number, self.hash, self.at = expected, decode_text(stored.hash), entry["at"]
        self.act, self.details = entry["act"], entry["details"]
        return None

    def end(self, anchor: Anchor | None) -> ChainBreak | None:
        """The break if the log must not end here, else None."""
        if self.number == 0:
            return ChainBreak(1, "it is missing: the log is empty, and every record begins with an entry")
        if anchor is not None and anchor.number > self.number:
            return ChainBreak(
                self.number + 1, f"it is missing: the log was cut, the anchor knows entry {anchor.number}"
            )
        return None


def read_page(conn: Connection, after: int, limit: int = 2000) -> Sequence[Stored]:
    """The stored entries after that number; after 0, also entries with invalid numbers below 1."""
    behind = AUDIT_LOG.c.number > (after or _BEFORE_EVERY_NUMBER)
    return fetch(conn, select_stored(conn).where(behind).order_by(AUDIT_LOG.c.number).limit(limit))


def select_stored(conn: Connection) -> Select[Any]:
    """A query for stored entries."""
    texts = [select_bytes(conn, AUDIT_LOG.c[name]).label(name) for name in ("by", "act", "subject", "entry", "hash")]
    return select(AUDIT_LOG.c.number, select_moment(conn, AUDIT_LOG.c.at).label("at"), *texts)


def fetch(conn: Connection, query: Select[Any]) -> Sequence[Stored]:
    """The stored entries of such a query."""
    return [Stored(*row) for row in conn.execute(query)]


def parse_entry(stored: Stored) -> dict[str, Any]:
    """The entry's fields; {} if it is no JSON object, or not in the form that some release writes."""
    try:
        text = bytes(stored.entry).decode()
        entry: object = json.loads(text)
        if not isinstance(entry, dict) or entry.keys() != FIELDS or not is_canonical(entry, text):
            return {}
        datetime.fromisoformat(entry["at"])
        return entry if isinstance(entry["details"], dict) else {}
    except (ValueError, TypeError, RecursionError):
        return {}


def find_fault(stored: Stored, entry: dict[str, Any], previous: str) -> str | None:
    """What is wrong with an entry that follows the one with the hash `previous`; None if it is intact."""
    if not entry:
        return "its text is not the JSON that was written"
    if hash_of(bytes(stored.entry)) != decode_text(stored.hash):
        return "its text and its hash do not belong together"
    columns: dict[str, Any] = {name: decode_text(getattr(stored, name)) for name in ("by", "act", "subject")}
    columns |= {"number": stored.number, "at": format_stored_moment(stored.at)}
    other = [name for name, value in columns.items() if entry.get(name) != value]
    if other:
        return f"its text and its columns differ in {', '.join(other)}"
    if entry.get("previous") != previous:
        return "it does not follow the entry before it: one of the two was replaced, moved or inserted"
    return None
