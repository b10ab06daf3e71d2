"""The one exception to history that is never rewritten: what is filed under a name may be filed under another.

Whoever is at it is alone: on SQLite as every writer is, on Postgres because all tables are locked first.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection, ForeignKeyConstraint, Table, text
from sqlalchemy.exc import OperationalError

from data_platform.record.audit_log import log
from data_platform.record.db.backend import PATIENCE
from data_platform.record.db.history_triggers import rewriting
from data_platform.record.db.schema import METADATA

_NOT_AVAILABLE = "55P03"
_TURN, _PAUSE = 0.5, 0.05
"""Seconds: a deadlock is looked for after one, so whoever waits for us never pays for it."""


@contextmanager
def refiling(conn: Connection, history: Iterable[Table]) -> Iterator[None]:
    """Within it, rows may change their keys, those of `history` too; whether all still refer to some is asked after."""
    with ExitStack() as stack:
        stack.enter_context(_on_sqlite(conn) if conn.dialect.name == "sqlite" else _on_postgres(conn))
        for table in history:
            stack.enter_context(rewriting(conn, table))
        yield


@contextmanager
def _on_sqlite(conn: Connection) -> Iterator[None]:
    conn.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # the commit compares them, and switches it off
    yield


@contextmanager
def _on_postgres(conn: Connection) -> Iterator[None]:
    alone(conn)
    keys = [
        key for table in METADATA.sorted_tables for key in table.constraints if isinstance(key, ForeignKeyConstraint)
    ]
    _alter(conn, keys, "DEFERRABLE")
    conn.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    yield
    _alter(conn, keys, "NOT DEFERRABLE")


def settle_keys(conn: Connection) -> None:
    """Compares now what was put off; a table with keys still to compare cannot get its trigger back. Postgres only."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def _alter(conn: Connection, keys: Iterable[ForeignKeyConstraint], how: str) -> None:
    for key in keys:
        conn.execute(text(f"ALTER TABLE {key.table.name} ALTER CONSTRAINT {key.name!s} {how}"))


def alone(conn: Connection) -> None:
    """Until this transaction ends nobody else reads or writes: takes every table and the audit log's turn, or none.

    SQLite has one writer anyway.
    """
    if conn.dialect.name != "postgresql":
        return
    names = ", ".join(sorted(METADATA.tables))
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with conn.begin_nested():
                conn.execute(text(f"SET LOCAL lock_timeout = '{_TURN}s'"))
                conn.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
                log.wait_for_others(conn)
                conn.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}s'"))
                return
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _NOT_AVAILABLE or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE)
