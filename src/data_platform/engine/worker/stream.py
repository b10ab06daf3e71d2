"""One query's rows from the worker: bounded, checked frame by frame, and computed only while they are read."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data_platform.engine.forking import FORKED, FORKED_HINT
from data_platform.engine.interruption import Interruption
from data_platform.engine.worker.batches import read_rows
from data_platform.engine.worker.frames import BrokenFrame, DeadlinePassed
from data_platform.engine.worker.queries import QueryWorkers
from data_platform.errors import QueryFailed

if TYPE_CHECKING:
    from data_platform.engine.source import ParquetSource


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a query: `seconds` of waiting for it, `rows` returned, and their size in MiB."""

    seconds: float
    rows: int
    megabytes: int


class RowStream:
    """The rows of a running query; raises QueryFailed if it cannot start, and while rows are read if it fails later.

    The tables are named as in `SqlWorker.run`, and the query sees what their views show.

    `more` says, after all rows are read, whether the query has rows beyond the bound. Time that passes between two
    frames while no rows are requested does not count against the query. `on_end` takes the seconds that it took.
    Setting `interruption` kills the query, also while another thread waits for its rows.
    """

    def __init__(
        self,
        workers: QueryWorkers,
        tables: Mapping[tuple[str, ...], ParquetSource],
        sql: str,
        bounds: Bounds,
        on_end: Callable[[float], None] | None = None,
        interruption: Interruption | None = None,
    ) -> None:
        self.more = False
        self._over = False
        self._lock = threading.Lock()
        self._on_end = on_end
        self._workers = workers
        self._bounds = bounds
        self._seconds, self._rows, self._bytes = bounds.seconds, bounds.rows, bounds.megabytes << 20
        self._process = os.getpid()
        self._connection = connection = workers.take(tables)
        if interruption is not None:
            interruption.attach(self._interrupt)
        reply = self._wait(
            lambda seconds: connection.request({"op": "stream", "sql": sql, "rows": bounds.rows}, seconds)
        )
        if not isinstance(reply, dict) or reply.get("streaming") is not True:
            raise self._make_error(reply)
        self._first = self._take_rows()
        self.schema: pa.Schema = self._first.schema if self._first is not None else pa.schema([])

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        table, self._first = self._first, None
        while table is not None:
            yield from table.to_batches()
            table = self._take_rows()

    def close(self) -> None:
        """Ends the query, if it still runs."""
        if self._finish():
            if self._process == os.getpid():
                self._connection.stop()
            self._report_end()

    def _interrupt(self) -> None:
        """Kills the worker, unless it is free and may run another query."""
        with self._lock:
            if not self._over and self._process == os.getpid():
                self._connection.interrupt()

    def _finish(self) -> bool:
        """Whether the query is over only now."""
        with self._lock:
            was_over, self._over = self._over, True
        return not was_over

    def _take_rows(self) -> pa.Table | None:
        """The next frame's rows; None after the last."""
        frame = self._wait(self._connection.fetch_frame)
        if not frame:
            self._read_end(self._wait(self._connection.fetch_end))
            return None
        self._bytes -= len(frame)
        if self._bytes < 0:
            self.close()
            raise QueryFailed(
                f"the result is larger than {self._bounds.megabytes:,} MiB, the limit of a query",
                hint="select less, or raise query_result_mb under [limits] in settings.toml",
            )
        return self._check_frame(frame)

    def _check_frame(self, frame: bytes) -> pa.Table:
        try:
            table = read_rows(frame)
        except (pa.ArrowException, ValueError):
            table = None
        self._rows -= table.num_rows if table is not None else 0
        if table is None or self._rows < 0 or table.schema != getattr(self, "schema", table.schema):
            self.close()
            raise QueryFailed("the worker sent an invalid answer")
        return table

    def _read_end(self, reply: object) -> None:
        if not isinstance(reply, dict) or not isinstance(reply.get("more"), bool):
            raise self._make_error(reply)
        self.more = reply["more"]
        self._release()

    def _release(self) -> None:
        """The worker is free for the next query."""
        self._finish()
        self._workers.release(self._connection)
        self._report_end()

    def _report_end(self) -> None:
        report, self._on_end = self._on_end, None
        if report is not None:
            report(self._bounds.seconds - self._seconds)

    def _make_error(self, reply: object) -> QueryFailed:
        """The worker's own reason; a worker with fragmented memory, or with an invalid answer, is stopped."""
        reason = reply.get("error") if isinstance(reply, dict) else None
        if isinstance(reason, str) and isinstance(reply, dict) and not reply.get("exhausted"):
            self._release()
            hint = reply.get("hint")
            return QueryFailed(f"the query has no answer: {reason}", hint=hint if isinstance(hint, str) else None)
        self.close()
        if isinstance(reason, str):
            return self._make_size_error("the query needs more than its memory limit of {:,} MiB")
        return QueryFailed("the worker sent an invalid answer")

    def _wait(self, request: Callable[[float], Any]) -> Any:
        """The worker's answer within the time that the query has left."""
        if self._process != os.getpid():
            raise QueryFailed(FORKED, hint=FORKED_HINT)
        if not self._has_process():
            raise QueryFailed("the query was ended before all its rows were read")
        start = time.monotonic()
        try:
            return request(self._seconds)
        except DeadlinePassed:
            raise QueryFailed(
                f"stopped: the query did not finish in {self._bounds.seconds:g} seconds",
                hint="filter or aggregate more, or raise query_seconds under [limits] in settings.toml",
            ) from None
        except BrokenFrame:
            raise self._make_size_error("the query's process ended; its memory limit is {:,} MiB") from None
        finally:
            self._seconds -= time.monotonic() - start
            if not self._has_process():
                self._report_end()

    def _has_process(self) -> bool:
        return self._connection.pid is not None

    def _make_size_error(self, message: str) -> QueryFailed:
        return QueryFailed(
            message.format(self._connection.memory_limit_mb),
            hint="filter or aggregate more, or raise query_memory_mb under [limits] in settings.toml",
        )
