"""The requests of the parent, answered one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from data_platform.engine.worker.catalogs import connect
from data_platform.engine.worker.session import NoAnswer, OutOfMemory, Session, reasons

Reply = dict[str, Any] | bytes | memoryview


class Requests:
    """Holds the open tables between the requests of one run."""

    def __init__(self, memory_limit_mb: int, threads: int) -> None:
        self._limits = memory_limit_mb, threads
        self._spare: duckdb.DuckDBPyConnection | None = connect(*self._limits)
        self._session: Session | None = None

    def answer(self, request: dict[str, Any]) -> Iterator[Reply]:
        """The replies; none when none is wanted."""
        match request:
            case {"op": "open", "tables": tables}:
                yield self._open(tables)
            case {"op": "forget"}:
                self._forget()
            case {"op": "stream", "sql": sql, "rows": rows} if self._session is not None:
                yield from _streamed(self._session, sql, rows)
            case {"op": op, "sql": sql} if self._session is not None:
                yield _run(self._session, op, sql)
            case _:
                yield {"error": "no such request, or no open tables"}

    def _open(self, tables: list[dict[str, Any]]) -> dict[str, Any]:
        self._forget()
        connection, self._spare = self._spare or connect(*self._limits), None
        try:
            self._session = Session(connection, tables)
        except (duckdb.Error, OSError, ValueError) as error:
            connection.close()
            return {"error": str(error).split("\n")[0][:1000]}
        return {"opened": True}

    def _forget(self) -> None:
        """Close what is open, and have the next DuckDB ready."""
        if self._session is not None:
            self._session.close()
        self._session = None
        self._spare = self._spare or connect(*self._limits)


def _run(session: Session, op: str, sql: Any) -> dict[str, Any]:
    try:
        match op:
            case "fused":
                return {"values": session.fused(sql)}
            case "scalar":
                return {"value": session.scalar(sql)}
            case _:
                columns, rows = session.rows(sql)
                return {"columns": columns, "rows": rows}
    except NoAnswer as error:
        return _said(error)


def _streamed(session: Session, sql: str, rows: int) -> Iterator[Reply]:
    """A word that it begins, frames of rows, an empty frame, and how it ended; or the error alone."""
    # pyarrow costs a tenth of a second, which rules need not pay.
    from data_platform.engine.worker import batches

    end: dict[str, Any]
    try:
        outgoing = batches.Outgoing(session.reader(sql, rows + 1), rows)
    except NoAnswer as error:
        yield _said(error)
        return
    yield {"streaming": True}
    try:
        with reasons(sql):
            yield from outgoing.frames()
        end = {"more": outgoing.more}
    except NoAnswer as error:
        end = _said(error)
    yield b""
    yield end


def _said(error: NoAnswer) -> dict[str, Any]:
    return {"error": str(error)} | ({"exhausted": True} if isinstance(error, OutOfMemory) else {})
