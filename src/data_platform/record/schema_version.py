"""Brings a database to what this release knows: creates, upgrades, or refuses it, and renumbers one that moved."""

from __future__ import annotations

from sqlalchemy import Connection, insert, inspect, select

from data_platform.errors import RecordFailed
from data_platform.record.audit_log import log
from data_platform.record.db.backend import Backend
from data_platform.record.db.migrate import upgrade
from data_platform.record.db.schema import METADATA, REVISION, STAMP
from data_platform.record.operations import events


def lost(backend: Backend, mend: str | None) -> RecordFailed:
    """There is no record where one must be."""
    what = f"the record {backend.place} is lost or empty, and this home belongs to a mesh that had one"
    return RecordFailed(f"{what}: no new record was created", hint=mend)


def ensure(backend: Backend, *, begin: bool = True, mend: str | None = None) -> None:
    """Leaves the record at `REVISION`, a new one only if one may `begin`.

    Raises RecordTooNew, and RecordFailed where there is none and none may begin, or other tables live already.
    """
    with backend.session(backend.READING) as conn:
        if stamp(conn) == REVISION and not events.from_elsewhere(conn):
            return
    with backend.session(backend.WRITING) as conn:
        backend.exclude(conn)
        found = stamp(conn)
        if found is None:
            if not begin:
                raise lost(backend, mend)
            _create(conn, backend.place)
            log.open_log(conn, None)
        elif found != REVISION:
            upgrade(conn, found, backend.place)
            log.open_log(conn, found)
        if events.from_elsewhere(conn):
            events.renumber(conn)


def stamp(conn: Connection) -> str | None:
    """The record's revision; "" is before the first migration, None is no record at all."""
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
