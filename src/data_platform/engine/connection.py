"""DuckDB connections for frames: one in-memory database a process, a connection of its own for every use."""

from __future__ import annotations

import os
from threading import get_ident

import duckdb
import pyarrow as pa

from data_platform.engine.forking import keep_for_ever
from data_platform.temporary_folders import make_scratch_folder

_databases: dict[int, duckdb.DuckDBPyConnection] = {}


def open_connection() -> duckdb.DuckDBPyConnection:
    """A new connection; objects registered on it are visible to this caller only.

    All connections share one database, because opening one takes 20 ms. A forked process opens its own and does not use
    its parent's. The time zone is always UTC.
    """
    database = _databases.get(os.getpid())
    if database is None:
        database = _databases.setdefault(os.getpid(), _open_database())
    cursor = database.cursor()
    cursor.execute("SET TimeZone = 'UTC'")
    return cursor


def discard_database() -> None:
    """Makes the next use open a new database: after an internal error DuckDB refuses every statement."""
    _databases.pop(os.getpid(), None)


def _open_database() -> duckdb.DuckDBPyConnection:
    # Data that does not fit into memory is spilled to a private folder, encrypted under a key that exists
    # only in this process; never to the working directory.
    return duckdb.connect(
        config={
            "temp_directory": str(make_scratch_folder("spill")),
            "temp_file_encryption": True,
            "force_mbedtls_unsafe": True,
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
        }
    )


_inherited: dict[int, pa.RecordBatchReader] = {}
"""By thread, while it forks: a reader that keeps this process's database open; a DuckDB object would be reported."""


def _prepare_fork() -> None:
    database = _databases.get(os.getpid())
    if database is not None:
        _inherited[get_ident()] = database.cursor().sql("SELECT 1").to_arrow_reader(1)


def _clear_in_parent() -> None:
    _inherited.pop(get_ident(), None)


def _clear_in_child() -> None:
    for reader in _inherited.values():
        keep_for_ever(reader)
    _inherited.clear()
    _databases.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_prepare_fork, after_in_parent=_clear_in_parent, after_in_child=_clear_in_child)
