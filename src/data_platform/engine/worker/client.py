"""The parent's side of the worker."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from data_platform.engine.digests import verify
from data_platform.engine.worker.connection import Connection
from data_platform.engine.worker.messages import Answer, WorkerQuery, open_request
from data_platform.engine.worker.run import Run

if TYPE_CHECKING:
    from data_platform.engine.source import ParquetSource


class SqlWorker:
    """Runs untrusted SELECTs in a process that is started at the first query and killed at deadlines.

    `memory_limit_mb` bounds the whole worker process, `threads` one query (None: all cores). Threads may share it and
    take turns; a forked child gets a worker of its own.
    """

    def __init__(self, memory_limit_mb: int = 1024, threads: int | None = None) -> None:
        self._lock = threading.Lock()
        self._connection = Connection(memory_limit_mb, threads)
        _WORKERS.add(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process id of the running worker, if one runs."""
        return self._connection.pid

    def start(self) -> None:
        """Starts the process now and does not wait for it, so that it gets ready while its caller does."""
        with self._lock:
            self._connection.start()

    def run(
        self,
        tables: Mapping[tuple[str, ...], ParquetSource],
        queries: Sequence[WorkerQuery],
        deadline: float,
    ) -> list[Answer]:
        """One answer for each query, in order; `deadline` is in seconds and holds for each query.

        A table's key is `("orders_fact",)`, or `("product", "output")` for an input; queries see what its
        view shows. A failed query has an `error` in its answer. StorageFailed when the tables cannot be opened.
        """
        verify(file for source in tables.values() for file in source.digests)
        with self._lock:
            try:
                return Run(self._connection, open_request(tables), deadline).execute(queries)
            except BaseException:
                self._connection.stop()  # its answer would be read by the next request
                raise

    def close(self) -> None:
        """End the worker process; the next run starts another."""
        with self._lock:
            self._connection.stop()

    def _reset_after_fork(self) -> None:
        self._lock = threading.Lock()  # the old one may be held by a thread that was not forked
        self._connection.discard()


_WORKERS: weakref.WeakSet[SqlWorker] = weakref.WeakSet()


def _reset_after_fork() -> None:
    for worker in list(_WORKERS):
        worker._reset_after_fork()


os.register_at_fork(after_in_child=_reset_after_fork)
