"""The processes that run users' queries; each runs one query until its rows are read."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING

from data_platform.engine.digests import verify
from data_platform.engine.worker.connection import Connection
from data_platform.engine.worker.messages import open_request
from data_platform.engine.worker.run import open_tables

if TYPE_CHECKING:
    from data_platform.engine.source import ParquetSource


class QueryWorkers:
    """Provides workers with their tables open; a released worker is reused by the next query.

    `memory_limit_mb` bounds each process, `threads` its query (None: all cores). Threads may share it; a forked child
    gets processes of its own.
    """

    def __init__(self, memory_limit_mb: int = 2048, threads: int | None = None) -> None:
        self._limits = memory_limit_mb, threads
        self._lock = threading.Lock()
        self._idle: Connection | None = None
        self._busy: weakref.WeakSet[Connection] = weakref.WeakSet()
        _ALL.add(self)

    def take(
        self,
        tables: Mapping[tuple[str, ...], ParquetSource],
    ) -> Connection:
        """A worker that has the tables open, named as in `SqlWorker.run`; it sees what their views show.

        StorageFailed when they cannot be opened, or are not what was published.
        """
        verify(file for source in tables.values() for file in source.digests)
        with self._lock:
            connection, self._idle = self._idle or Connection(*self._limits), None
            self._busy.add(connection)
        try:
            open_tables(connection, open_request(tables))
        except BaseException:
            connection.stop()
            raise
        return connection

    def release(self, connection: Connection) -> None:
        """Keeps the worker, without its tables, for the next query; a second idle worker is ended."""
        connection.send({"op": "forget"})  # an idle worker holds neither files nor keys
        with self._lock:
            self._busy.discard(connection)
            spare, self._idle = self._idle, connection
        if spare is not None:
            spare.stop()

    def close(self) -> None:
        """Ends every process; a result that is still being read fails."""
        with self._lock:
            ended, self._idle = [self._idle, *self._busy], None
        for connection in ended:
            if connection is not None:
                connection.stop()

    def _reset_after_fork(self) -> None:
        self._lock = threading.Lock()  # the old one may be held by a thread that was not forked
        for connection in [self._idle, *self._busy]:
            if connection is not None:
                connection.discard()


_ALL: weakref.WeakSet[QueryWorkers] = weakref.WeakSet()


def _reset_after_fork() -> None:
    for workers in list(_ALL):
        workers._reset_after_fork()


os.register_at_fork(after_in_child=_reset_after_fork)
