"""DuckDB connections for frames: one in-memory database a process, a connection of its own for every use."""

from __future__ import annotations

import os
from threading import get_ident

import duckdb
import pyarrow as pa

from data_platform.engine.forking import keep_for_ever
from data_platform.scratch import make_scratch_folder

_databases: dict[int, duckdb.DuckDBPyConnection] = {}


def connection() -> duckdb.DuckDBPyConnection:
    """A connection of the caller's own: what is registered on it nobody else sees.

    All share one database, because opening one takes 20 ms; a forked process opens its own, for it must not use its
    parent's. Moments are UTC, wherever the machine stands.
    """
    database = _databases.get(os.getpid())
    if database is None:
        database = _databases.setdefault(os.getpid(), _opened())
    cursor = database.cursor()
    cursor.execute("SET TimeZone = 'UTC'")
    return cursor


def forget_database() -> None:
    """Lets the next use open a database anew: after an internal error DuckDB refuses whatever comes."""
    _databases.pop(os.getpid(), None)


def _opened() -> duckdb.DuckDBPyConnection:
    # What does not fit into memory is spilled: encrypted under a key that ends with the process, into
    # a private folder, never the working directory.
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
"""By thread, while it forks: a reader that keeps this process's database. DuckDB's own objects would be reported."""


def _before_fork() -> None:
    database = _databases.get(os.getpid())
    if database is not None:
        _inherited[get_ident()] = database.cursor().sql("SELECT 1").to_arrow_reader(1)


def _in_parent() -> None:
    _inherited.pop(get_ident(), None)


def _in_child() -> None:
    for reader in _inherited.values():
        keep_for_ever(reader)
    _inherited.clear()
    _databases.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_in_parent, after_in_child=_in_child)
