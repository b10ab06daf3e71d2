"""One run of queries over the same tables: fused into few statements, and one by one where that gives no answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from data_platform.engine.worker.connection import Connection
from data_platform.engine.worker.frames import BrokenFrame, DeadlinePassed
from data_platform.engine.worker.messages import Answer, WorkerQuery, read_answer, read_values
from data_platform.errors import StorageFailed, Unavailable

_START_SECONDS = 60.0
"""The time limit for a worker to start and open its tables."""


class Run:
    """The tables are opened in whichever worker is alive, before its first query; `deadline` is seconds a query."""

    def __init__(self, connection: Connection, tables: Mapping[str, Any], deadline: float) -> None:
        self._connection = connection
        self._tables = tables
        self._deadline = deadline
        self._opened_in = 0

    def execute(self, queries: Sequence[WorkerQuery]) -> list[Answer]:
        """One answer for each query, in order."""
        scalars = [query.sql for query in queries if query.kind == "scalar"]
        values = iter(self._run_fused(scalars))
        answers = [self._run_query(query, next(values) if query.kind == "scalar" else None) for query in queries]
        self._connection.send({"op": "forget"})  # an idle worker holds neither files nor keys
        return answers

    def _run_fused(self, scalars: Sequence[str]) -> list[int | float | None]:
        """The scalars' numbers by few statements, which costs a third less; None where one gives none."""
        if len(scalars) < 2:
            return [None] * len(scalars)
        self._open()
        try:
            reply = self._request({"op": "fused", "sql": list(scalars)})
        except (DeadlinePassed, BrokenFrame):
            return [None] * len(scalars)
        return read_values(reply, len(scalars))

    def _run_query(self, query: WorkerQuery, value: int | float | None) -> Answer:
        if value is not None:
            return Answer(value=value)
        self._open()
        try:
            reply = self._request({"op": query.kind, "sql": query.sql})
        except DeadlinePassed:
            return Answer(error=f"stopped: it did not finish in {self._deadline:g} seconds")
        except BrokenFrame:
            limit = self._connection.memory_limit_mb
            return Answer(error=f"the worker process ended during the query; its memory limit is {limit} MB")
        return read_answer(reply, query.kind)

    def _request(self, message: Mapping[str, Any]) -> Any:
        reply = self._connection.request(message, self._deadline)
        if isinstance(reply, dict) and reply.get("exhausted"):
            self._connection.stop()  # the next query gets a worker whose memory is not fragmented
        return reply

    def _open(self) -> None:
        """Open the tables, unless the worker that has them is still the one that runs."""
        if self._connection.pid is not None and self._opened_in == self._connection.started:
            return
        open_tables(self._connection, self._tables)
        self._opened_in = self._connection.started


def open_tables(connection: Connection, tables: Mapping[str, Any]) -> None:
    """Has the worker open the tables of `open_request`; StorageFailed when it cannot, Unavailable without a worker."""
    reply = _request_open(connection, tables)
    if not isinstance(reply, dict) or reply.get("opened") is not True:
        missing = next((file for file in _list_files(tables) if not Path(file).exists()), None)
        reason = reply.get("error") if isinstance(reply, dict) else None
        raise StorageFailed(
            f"the tables that the SQL reads cannot be opened: {f'{missing} is missing' if missing else reason}",
            hint="see who removes files in the home, then try again" if missing else None,
        )


def _list_files(request: Mapping[str, Any]) -> Iterator[str]:
    return (file for table in request.get("tables", ()) for file in table.get("files", ()))


def _request_open(connection: Connection, tables: Mapping[str, Any]) -> Any:
    """The reply to the open request; a worker that died while idle is replaced once."""
    for _ in range(2):
        with suppress(BrokenFrame, DeadlinePassed):
            return connection.request(tables, _START_SECONDS)
    hint = f"its memory limit is {connection.memory_limit_mb} MB; see `data-platform doctor`"
    raise Unavailable("the process that runs SQL did not start", hint=hint)
