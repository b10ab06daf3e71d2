"""Counters that all server processes of one home share: token buckets, and calls that run now.

They are in a small SQLite file of the home, which is never flushed: it may be lost with the machine, and is made again.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from data_platform.errors import Unavailable

T = TypeVar("T")
FILE = "server-limits.db"
_PATIENCE = 5.0
_TABLES = """
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, tokens REAL NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (id INTEGER PRIMARY KEY, name TEXT NOT NULL, pid INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS calls_by_name ON calls (name);
"""
_MOST_BUCKETS = 10_000


class SharedCounters:
    """The counters in a file; threads and processes may use it at once. `clock` gives seconds."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def take(self, name: str, rate: float, burst: float) -> float:
        """Takes a token of the bucket, which gets `rate` a second up to `burst`; the seconds to wait if it has none."""
        return self._write(lambda conn: _take(conn, name, rate, burst, self._clock()))

    def enter(self, name: str, most: int) -> int | None:
        """Counts a call that begins, and returns its id; None if `most` calls of that name run."""
        return self._write(lambda conn: _enter(conn, name, most))

    def leave(self, id: int) -> None:
        """Counts a call no more."""
        self._write(lambda conn: conn.execute("DELETE FROM calls WHERE id = ?", (id,)))

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                return self._write_once(change)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                    raise Unavailable(f"{self._path} stays locked", hint="try again later") from error
                self._remake()
                return self._write_once(change)

    def _write_once(self, change: Callable[[sqlite3.Connection], T]) -> T:
        if self._connection is None:
            self._connection = _open(self._path)
        with _transaction(self._connection):
            return change(self._connection)

    def _remake(self) -> None:
        """A file that was cut off with the machine counts from the beginning."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self._path.with_name(self._path.name + suffix).unlink()


def _open(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    _keep_log(connection)
    connection.execute("PRAGMA synchronous=OFF")
    connection.executescript(_TABLES)
    return connection


def _keep_log(connection: sqlite3.Connection) -> None:
    """Switches to a log beside the file. SQLite does not wait where two processes switch a new file at once."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _take(connection: sqlite3.Connection, name: str, rate: float, burst: float, now: float) -> float:
    row = connection.execute("SELECT tokens, at FROM buckets WHERE name = ?", (name,)).fetchone()
    if row is None:
        _forget_full(connection, now)
    tokens, at = row or (burst, now)
    tokens = min(burst, tokens + max(0.0, now - at) * rate)
    is_enough = tokens >= 1
    left = tokens - 1 if is_enough else tokens
    connection.execute("INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)", (name, left, now))
    return 0.0 if is_enough else (1 - tokens) / rate


def _forget_full(connection: sqlite3.Connection, now: float) -> None:
    """Removes buckets that nobody took from for an hour, if there are many: names of strangers are addresses."""
    (count,) = connection.execute("SELECT count(*) FROM buckets").fetchone()
    if count >= _MOST_BUCKETS:
        connection.execute("DELETE FROM buckets WHERE at < ?", (now - 3600,))


def _enter(connection: sqlite3.Connection, name: str, most: int) -> int | None:
    pids = [pid for (pid,) in connection.execute("SELECT pid FROM calls WHERE name = ?", (name,))]
    if len(pids) >= most:
        dead = [pid for pid in set(pids) if not _is_alive(pid)]
        connection.executemany("DELETE FROM calls WHERE pid = ?", [(pid,) for pid in dead])
        if sum(pid not in dead for pid in pids) >= most:
            return None
    return connection.execute("INSERT INTO calls (name, pid) VALUES (?, ?)", (name, os.getpid())).lastrowid


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
