"""The rows of a running query as batches, in the process that started it."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from data_platform.engine.forking import FORKED, FORKED_HINT, keep_for_ever
from data_platform.errors import FrameError

_streams: weakref.WeakSet[ResultStream] = weakref.WeakSet()


class ResultStream:
    """A query's cursor and reader; closed after all batches are read, or with the object.

    A forked child cannot read its batches: the threads that compute them stay with the parent.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, reader: pa.RecordBatchReader) -> None:
        self._process = os.getpid()
        self._cursor: duckdb.DuckDBPyConnection | None = cursor
        self._reader: pa.RecordBatchReader | None = reader
        _streams.add(self)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        while True:
            if self._process != os.getpid():
                raise FrameError(FORKED, hint=FORKED_HINT)
            batch = next(self._reader, None) if self._reader is not None else None
            if batch is None:
                return
            yield batch

    def close(self) -> None:
        """Ends the query, if it still runs."""
        if self._cursor is not None:
            self._cursor.close()
        self._cursor = self._reader = None

    def _reset_after_fork(self) -> None:
        if self._reader is not None:
            keep_for_ever(self._reader)
        self._cursor = self._reader = None


def _reset_after_fork() -> None:
    for stream in list(_streams):
        stream._reset_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_after_fork)
