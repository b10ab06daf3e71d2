"""The audit log: who did what to what, when, and from where, in the transaction of the act itself.

Entries are numbered without a gap and chained by their hashes (`audit_entry`). On Postgres whoever appends waits for
those before to end, so append last in a transaction: what it still locks afterwards, another one may hold who waits for
the log. The database refuses every UPDATE; what else was done to the log, `audit_chain` finds.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, text

from data_platform.record.audit_log.acts import Act
from data_platform.record.audit_log.chain import Stored, fetch, reading
from data_platform.record.audit_log.entry import BEFORE_ALL, Deed, hash_of, written
from data_platform.record.audit_log.stored_bytes import moment_text, text_of
from data_platform.record.catalog import redirects
from data_platform.record.db import rows
from data_platform.record.db.schema import AUDIT_LOG, AUDITS, CONTRACTS, REVISION, VERSIONS
from data_platform.record.db.types import storable
from data_platform.settings.identity import machine

_WRITERS = 0x6175_6469_746C_6F67
"""The advisory lock of those who append: "auditlog" in ASCII."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as the log has it; `entry` is the JSON that was hashed."""

    number: int
    at: datetime
    by: str
    act: str
    subject: str
    entry: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry: what an anchor keeps of the whole log."""

    number: int
    hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries: of a product under any name it had, by somebody, of one act, from `since` on, before `until`."""

    product: str | None = None
    by: str | None = None
    act: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_PROGRAM = "data-platform"
_HEAD = select(*rows.columns(AUDIT_LOG, Head)).order_by(AUDIT_LOG.c.number.desc()).limit(1)
_LAST = select(AUDIT_LOG.c.number, AUDIT_LOG.c.hash).order_by(AUDIT_LOG.c.number.desc()).limit(1)
_UNREADABLE = datetime.min.replace(tzinfo=UTC)


def open_log(conn: Connection, older: str | None) -> None:
    """Begins the log of a record that has none: made just now, or upgraded from the revision `older`.

    Its first entry tells what stood before anybody logged; `until` is the last moment of which no entry can be asked.
    """
    if head(conn) is not None:
        return
    refused = select(func.count()).where(AUDITS.c.version.is_(None))
    counts = {
        "contracts": conn.scalar(select(func.count()).select_from(CONTRACTS)),
        "versions": conn.scalar(select(func.count()).select_from(VERSIONS)),
        "refusals": conn.scalar(refused),
    }
    known = (CONTRACTS.c.registered_at, VERSIONS.c.published_at, AUDITS.c.at)
    moments = [at for at in (conn.scalar(select(func.max(column))) for column in known) if at is not None]
    details = {"revision": REVISION, "from": older, **counts, "until": max(moments, default=None)}
    here = machine()
    append(conn, Deed(datetime.now(UTC), _PROGRAM, False, Act.OPENED, "mesh:", "record", here.host, here.user, details))


def append(conn: Connection, deed: Deed) -> int:
    """Adds the deed's entry to the log, in the transaction of the deed, and returns its number."""
    wait_for_others(conn)
    last = conn.execute(_LAST).one_or_none()
    number, previous = (last.number + 1, last.hash) if last else (1, BEFORE_ALL)
    entry = written(deed, number, previous)
    values: dict[str, Any] = {"number": number, "at": deed.at, "by": deed.by, "act": deed.act, "subject": deed.subject}
    conn.execute(AUDIT_LOG.insert().values(values | {"entry": entry, "hash": hash_of(entry.encode())}))
    return number


def wait_for_others(conn: Connection) -> None:
    """Until this transaction ends, nobody else appends. SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:writers)"), {"writers": _WRITERS})


def last_number(conn: Connection) -> int:
    """The number of the last entry; 0 where there is none."""
    found = conn.scalar(select(func.max(AUDIT_LOG.c.number))) or 0
    return found if isinstance(found, int) else 2**63  # SQLite takes text for a number, and says that it is larger


def head(conn: Connection) -> Head | None:
    """The last entry; None where nobody ever did anything."""
    return rows.fetch_one(conn, _HEAD, Head)


def history(conn: Connection, which: Filter = Filter(), limit: int | None = None) -> tuple[Row, ...]:
    """The entries, newest first."""
    return _rows(conn, _those(conn, which).order_by(AUDIT_LOG.c.number.desc()).limit(limit))


def after(conn: Connection, number: int, which: Filter = Filter(), limit: int = 1000) -> tuple[Row, ...]:
    """The entries behind that number, oldest first: an export goes on where the last page ended."""
    query = _those(conn, which).where(AUDIT_LOG.c.number > number)
    return _rows(conn, query.order_by(AUDIT_LOG.c.number).limit(limit))


def about(names: Collection[str]) -> ColumnElement[bool]:
    """The condition that an entry is about a product of these names, or about an output of it."""
    subject = AUDIT_LOG.c.subject
    # "/" follows "." in ASCII: a range that the index on subject knows
    outputs = ((subject > f"{name}.") & (subject < f"{name}/") for name in names)
    return or_(subject.in_(names), *outputs)


def _rows(conn: Connection, query: Select[Any]) -> tuple[Row, ...]:
    """A log that somebody wrote nonsense into can be read too: a moment that is none is the year 1."""

    def row(stored: Stored) -> Row:
        try:
            at = datetime.fromisoformat(moment_text(stored.at))
        except ValueError:
            at = _UNREADABLE
        texts = (text_of(each) for each in (stored.by, stored.act, stored.subject, stored.entry, stored.hash))
        return Row(stored.number, at, *texts)

    return tuple(map(row, fetch(conn, query)))


def _those(conn: Connection, which: Filter) -> Select[Any]:
    query = reading(conn)
    if which.product is not None:
        query = query.where(about(redirects.names_of(conn, storable(which.product))))
    if which.by is not None:
        query = query.where(AUDIT_LOG.c.by == which.by)
    if which.act is not None:
        query = query.where(AUDIT_LOG.c.act == which.act)
    if which.since is not None:
        query = query.where(AUDIT_LOG.c.at >= which.since)
    return query if which.until is None else query.where(AUDIT_LOG.c.at < which.until)
