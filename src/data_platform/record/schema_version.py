"""Brings a database to the schema of this release: creates, upgrades or refuses it, and renumbers one that moved."""

from __future__ import annotations

from sqlalchemy import Connection, insert, inspect, select

from data_platform.errors import RecordFailed
from data_platform.record.audit_log import log
from data_platform.record.db.backend import Backend
from data_platform.record.db.migrate import upgrade
from data_platform.record.db.schema import METADATA, REVISION, STAMP
from data_platform.record.operations import events


def make_lost_error(backend: Backend, hint: str | None) -> RecordFailed:
    """The error for a missing record where one must exist."""
    what = f"the record {backend.place} is lost or empty, and this home belongs to a mesh that had one"
    return RecordFailed(f"{what}: no new record was created", hint=hint)


def ensure(backend: Backend, *, begin: bool = True, hint: str | None = None) -> None:
    """Brings the record to `REVISION`; creates a new one only if `begin` is true.

    Raises RecordTooNew, and RecordFailed if no record exists and none may be created, or other tables exist.
    """
    with backend.open_session(backend.READING) as conn:
        if read_stamp(conn) == REVISION and not events.has_foreign_numbers(conn):
            return
    with backend.open_session(backend.WRITING) as conn:
        backend.exclude(conn)
        revision = read_stamp(conn)
        if revision is None:
            if not begin:
                raise make_lost_error(backend, hint)
            _create(conn, backend.place)
            log.open_log(conn, None)
        elif revision != REVISION:
            upgrade(conn, revision, backend.place)
            log.open_log(conn, revision)
        if events.has_foreign_numbers(conn):
            events.renumber(conn)


def read_stamp(conn: Connection) -> str | None:
    """The record's revision; "" before the first migration, None without a record."""
    if not inspect(conn).has_table(STAMP.name):
        return None
    return conn.scalar(select(STAMP.c.version_num)) or ""


def _create(conn: Connection, place: str) -> None:
    others = sorted(inspect(conn).get_table_names())
    if others:
        what = f"{place} is no record: it holds other tables ({', '.join(others[:5])})"
        raise RecordFailed(what, hint="give the record a database of its own")
    METADATA.create_all(conn, checkfirst=False)
    STAMP.create(conn, checkfirst=False)
    conn.execute(insert(STAMP).values(version_num=REVISION))
