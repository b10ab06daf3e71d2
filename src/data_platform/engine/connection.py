"""DuckDB connections for frames: one in-memory database a process, a connection of its own for every use."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

import duckdb

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


def _opened() -> duckdb.DuckDBPyConnection:
    # what does not fit into memory is spilled in clear: into a folder closed to others, never the working directory
    folder = tempfile.mkdtemp(prefix="data-platform-")
    atexit.register(_remove, folder, os.getpid())
    return duckdb.connect(
        config={
            "temp_directory": folder,
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
        }
    )


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
