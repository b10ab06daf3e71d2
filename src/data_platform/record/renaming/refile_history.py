"""The one permitted change of history: the product name in the keys of rows.

The transaction runs alone: on SQLite there is one writer anyway, on Postgres all tables are locked first.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection, ForeignKeyConstraint, Table, text
from sqlalchemy.exc import OperationalError

from data_platform.record.audit_log import log
from data_platform.record.db.backend import PATIENCE
from data_platform.record.db.history_triggers import allow_rewriting
from data_platform.record.db.schema import METADATA

_NOT_AVAILABLE = "55P03"
_TURN, _PAUSE = 0.5, 0.05
"""Seconds. Postgres looks for a deadlock after one second, so shorter waits never abort the other client."""


@contextmanager
def allow_refiling(conn: Connection, history: Iterable[Table]) -> Iterator[None]:
    """Within it, rows may change their keys, also those of `history`; foreign keys are checked at the end."""
    with ExitStack() as stack:
        stack.enter_context(_prepare_sqlite(conn) if conn.dialect.name == "sqlite" else _prepare_postgres(conn))
        for table in history:
            stack.enter_context(allow_rewriting(conn, table))
        yield


@contextmanager
def _prepare_sqlite(conn: Connection) -> Iterator[None]:
    conn.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # the commit checks them, and switches it off
    yield


@contextmanager
def _prepare_postgres(conn: Connection) -> Iterator[None]:
    lock_all_tables(conn)
    keys = [
        key for table in METADATA.sorted_tables for key in table.constraints if isinstance(key, ForeignKeyConstraint)
    ]
    _set_keys(conn, keys, "DEFERRABLE")
    conn.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    yield
    _set_keys(conn, keys, "NOT DEFERRABLE")


def check_keys(conn: Connection) -> None:
    """Checks deferred foreign keys now, on Postgres: a table with pending checks cannot get its trigger back."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def _set_keys(conn: Connection, keys: Iterable[ForeignKeyConstraint], how: str) -> None:
    for key in keys:
        conn.execute(text(f"ALTER TABLE {key.table.name} ALTER CONSTRAINT {key.name!s} {how}"))


def lock_all_tables(conn: Connection) -> None:
    """Locks every table and the audit log until the transaction ends, so that no other client reads or writes.

    It takes all locks or none, and retries. SQLite has one writer anyway.
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
