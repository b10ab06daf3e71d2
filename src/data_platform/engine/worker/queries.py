"""The parent's side of queries whose rows are wanted, as opposed to the numbers of rules."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING

from data_platform.engine.worker.connection import Connection
from data_platform.engine.worker.messages import open_request
from data_platform.engine.worker.run import open_tables
from data_platform.engine.worker.stream import Bounds, RowStream

if TYPE_CHECKING:
    from data_platform.engine.source import Source


class QueryWorker:
    """Runs SELECTs that nobody trusts, each in a process of its own for as long as its rows are taken.

    `memory_limit_mb` bounds each process, `threads` its query (None: all cores). One process that has finished waits
    for the next query. Threads may share it; a forked child gets processes of its own.
    """

    def __init__(self, memory_limit_mb: int = 2048, threads: int | None = None) -> None:
        self._limits = memory_limit_mb, threads
        self._lock = threading.Lock()
        self._idle: Connection | None = None
        self._busy: weakref.WeakSet[Connection] = weakref.WeakSet()
        _WORKERS.add(self)

    def stream(
        self,
        tables: Mapping[tuple[str, ...], Source],
        sql: str,
        bounds: Bounds,
        masks: Mapping[tuple[str, ...], frozenset[str]] | None = None,
    ) -> RowStream:
        """The rows of `sql` over the tables, by names as in `SqlWorker.run`; of columns in `masks`, a mask is seen.

        Raises QueryFailed when the query cannot begin, StorageFailed when the tables cannot be opened.
        """
        connection = self._taken()
        try:
            open_tables(connection, open_request(tables, masks))
            return RowStream(connection, sql, bounds, self._returned)
        except BaseException:
            if self._idle is not connection:
                connection.stop()
            raise

    def close(self) -> None:
        """Ends every process; a result that is still being read fails."""
        with self._lock:
            ended, self._idle = [self._idle, *self._busy], None
        for connection in ended:
            if connection is not None:
                connection.stop()

    def _taken(self) -> Connection:
        with self._lock:
            connection, self._idle = self._idle or Connection(*self._limits), None
            self._busy.add(connection)
        return connection

    def _returned(self, connection: Connection) -> None:
        with self._lock:
            self._busy.discard(connection)
            spare = self._idle
            self._idle = connection
        if spare is not None:
            spare.stop()

    def _forked(self) -> None:
        self._lock = threading.Lock()  # the old one may be held by a thread that was not forked
        for connection in [self._idle, *self._busy]:
            if connection is not None:
                connection.abandon()


_WORKERS: weakref.WeakSet[QueryWorker] = weakref.WeakSet()


def _forked() -> None:
    for worker in list(_WORKERS):
        worker._forked()


os.register_at_fork(after_in_child=_forked)
