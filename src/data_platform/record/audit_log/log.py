"""The audit log: who did what to what, when, and from where, in the transaction of the act itself.

Entries are numbered without gaps and chained by their hashes (`entry`). On Postgres an append waits for the end of
transactions that appended before, so append last in a transaction: a later lock can cause a deadlock with a transaction
that waits for the log. The database refuses every UPDATE; `chain` detects other manipulation of the log.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, text

from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.chain import Stored, fetch, select_stored
from data_platform.record.audit_log.entry import BEFORE_ALL, Deed, encode_entry, hash_of
from data_platform.record.audit_log.stored_bytes import decode_text, format_stored_moment
from data_platform.record.catalog import redirects
from data_platform.record.db import rows
from data_platform.record.db.schema import AUDIT_LOG, AUDITS, CONTRACTS, REVISION, VERSIONS
from data_platform.record.db.types import to_storable
from data_platform.settings.identity import describe_machine

_WRITERS = 0x6175_6469_746C_6F67
"""The advisory lock of those who append: "auditlog" in ASCII."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One stored entry; `entry` is the JSON that was hashed."""

    number: int
    at: datetime
    by: str
    act: str
    subject: str
    entry: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry, as an anchor keeps it."""

    number: int
    hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries: of a product by any of its names, by a principal, of one act, from `since` on, before `until`.

    `before` is the number that they are below. With `among`, the entries about these products and their outputs alone,
    and about the domains of `domains`; None is no limit. With `domains` None, also those about what is of the mesh.
    """

    product: str | None = None
    by: str | None = None
    act: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    among: frozenset[str] | None = None
    domains: frozenset[str] | None = None


_PROGRAM = "data-platform"
_HEAD = select(*rows.select_columns(AUDIT_LOG, Head)).order_by(AUDIT_LOG.c.number.desc()).limit(1)
_LAST = select(AUDIT_LOG.c.number, AUDIT_LOG.c.hash).order_by(AUDIT_LOG.c.number.desc()).limit(1)
_UNREADABLE = datetime.min.replace(tzinfo=UTC)


def open_log(conn: Connection, older: str | None) -> None:
    """Starts the log of a record without one: a new record, or one upgraded from the revision `older`.

    Its first entry counts what was recorded before; `until` is the last moment for which no entries are expected.
    """
    if find_head(conn) is not None:
        return
    refused = select(func.count()).where(AUDITS.c.version.is_(None))
    counts = {
        "contracts": conn.scalar(select(func.count()).select_from(CONTRACTS)),
        "versions": conn.scalar(select(func.count()).select_from(VERSIONS)),
        "refusals": conn.scalar(refused),
    }
    columns = (CONTRACTS.c.registered_at, VERSIONS.c.published_at, AUDITS.c.at)
    moments = [at for at in (conn.scalar(select(func.max(column))) for column in columns) if at is not None]
    details = {"revision": REVISION, "from": older, **counts, "until": max(moments, default=None)}
    here = describe_machine()
    append(conn, Deed(datetime.now(UTC), _PROGRAM, False, Act.OPENED, "mesh:", "record", here.host, here.user, details))


def append(conn: Connection, *deeds: Deed) -> int:
    """Adds an entry for each deed to the log, in this order, in the transaction of the deeds.

    Returns the number of the first one.
    """
    wait_for_others(conn)
    last = conn.execute(_LAST).one_or_none()
    number, previous = (last.number, last.hash) if last else (0, BEFORE_ALL)
    entries: list[LogEntry] = []
    for deed in deeds:
        number += 1
        entry = encode_entry(deed, number, previous)
        previous = hash_of(entry.encode())
        entries.append(LogEntry(number, deed.at, deed.by, deed.act, deed.subject, entry, previous))
    conn.execute(AUDIT_LOG.insert(), [rows.to_values(entry) for entry in entries])
    return number - len(deeds) + 1


def wait_for_others(conn: Connection) -> None:
    """Blocks other appends until this transaction ends. SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:writers)"), {"writers": _WRITERS})


def find_last_number(conn: Connection) -> int:
    """The number of the last entry; 0 where there is none."""
    last = conn.scalar(select(func.max(AUDIT_LOG.c.number))) or 0
    return last if isinstance(last, int) else 2**63  # SQLite accepts text as a number, and sorts it above numbers


def find_head(conn: Connection) -> Head | None:
    """The last entry; None if there is none."""
    return rows.fetch_one(conn, _HEAD, Head)


def list_newest(conn: Connection, which: EntryFilter = EntryFilter(), limit: int | None = None) -> tuple[LogEntry, ...]:
    """The entries, newest first."""
    return _read_entries(conn, _select_entries(conn, which).order_by(AUDIT_LOG.c.number.desc()).limit(limit))


def list_after(
    conn: Connection, number: int, which: EntryFilter = EntryFilter(), limit: int = 1000
) -> tuple[LogEntry, ...]:
    """The entries after that number, oldest first: an export continues after its last page."""
    query = _select_entries(conn, which).where(AUDIT_LOG.c.number > number)
    return _read_entries(conn, query.order_by(AUDIT_LOG.c.number).limit(limit))


def match_products(names: Collection[str]) -> ColumnElement[bool]:
    """The condition that an entry is about a product with one of these names, or about an output of it."""
    subject = AUDIT_LOG.c.subject
    # "/" follows "." in ASCII: a range that uses the index on subject
    outputs = ((subject > f"{name}.") & (subject < f"{name}/") for name in names)
    return or_(subject.in_(names), *outputs)


def _match_part(conn: Connection, among: frozenset[str], domains: frozenset[str] | None) -> ColumnElement[bool]:
    """The condition that an entry is about one of these products, by any name that it had, or about what is beside."""
    former = {redirect.name for redirect in redirects.list_all(conn) if redirect.product in among}
    subject = AUDIT_LOG.c.subject
    if conn.dialect.name == "postgresql":
        product = func.split_part(subject, ".", 1)
    else:
        product = func.substr(subject, 1, func.instr(subject.concat("."), ".") - 1)
    beside = subject.contains(":") if domains is None else subject.in_([f"domain:{name}" for name in sorted(domains)])
    return or_(rows.is_one_of(conn, product, among | former), beside)


def _read_entries(conn: Connection, query: Select[Any]) -> tuple[LogEntry, ...]:
    """Reads manipulated entries too: an invalid moment becomes the year 1."""

    def read_row(stored: Stored) -> LogEntry:
        try:
            at = datetime.fromisoformat(format_stored_moment(stored.at))
        except ValueError:
            at = _UNREADABLE
        texts = (decode_text(value) for value in (stored.by, stored.act, stored.subject, stored.entry, stored.hash))
        return LogEntry(stored.number, at, *texts)

    return tuple(map(read_row, fetch(conn, query)))


def _select_entries(conn: Connection, which: EntryFilter) -> Select[Any]:
    query = select_stored(conn)
    if which.product is not None:
        query = query.where(match_products(redirects.list_names(conn, to_storable(which.product))))
    if which.among is not None:
        query = query.where(_match_part(conn, which.among, which.domains))
    if which.by is not None:
        query = query.where(AUDIT_LOG.c.by == which.by)
    if which.act is not None:
        query = query.where(AUDIT_LOG.c.act == which.act)
    if which.since is not None:
        query = query.where(AUDIT_LOG.c.at >= which.since)
    if which.before is not None:
        query = query.where(AUDIT_LOG.c.number < which.before)
    return query if which.until is None else query.where(AUDIT_LOG.c.at < which.until)
