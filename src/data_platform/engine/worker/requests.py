"""Handles the requests of the parent, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from data_platform.engine.worker.catalogs import connect
from data_platform.engine.worker.session import NoAnswer, OutOfMemory, Session, translate_errors

Reply = dict[str, Any] | bytes | memoryview


class Requests:
    """Holds the open tables between the requests of one run."""

    def __init__(self, memory_limit_mb: int, threads: int) -> None:
        self._limits = memory_limit_mb, threads
        self._spare: duckdb.DuckDBPyConnection | None = connect(*self._limits)
        self._session: Session | None = None

    def handle(self, request: dict[str, Any]) -> Iterator[Reply]:
        """The replies; none for a request without a reply."""
        match request:
            case {"op": "open", "tables": tables}:
                yield self._open(tables)
            case {"op": "forget"}:
                self._close()
            case {"op": "stream", "sql": sql, "rows": rows} if self._session is not None:
                yield from _stream(self._session, sql, rows)
            case {"op": op, "sql": sql} if self._session is not None:
                yield _run(self._session, op, sql)
            case _:
                yield {"error": "no such request, or no open tables"}

    def _open(self, tables: list[dict[str, Any]]) -> dict[str, Any]:
        self._close()
        connection, self._spare = self._spare or connect(*self._limits), None
        try:
            self._session = Session(connection, tables)
        except (duckdb.Error, OSError, ValueError) as error:
            connection.close()
            return {"error": str(error).split("\n")[0][:1000]}
        return {"opened": True}

    def _close(self) -> None:
        """Close what is open, and have the next DuckDB ready."""
        if self._session is not None:
            self._session.close()
        self._session = None
        self._spare = self._spare or connect(*self._limits)


def _run(session: Session, op: str, sql: Any) -> dict[str, Any]:
    try:
        match op:
            case "fused":
                return {"values": session.run_fused(sql)}
            case "scalar":
                return {"value": session.run_scalar(sql)}
            case _:
                columns, rows = session.run_rows(sql)
                return {"columns": columns, "rows": rows}
    except NoAnswer as error:
        return _describe_error(error)


def _stream(session: Session, sql: str, rows: int) -> Iterator[Reply]:
    """A start message, frames of rows, an empty frame and an end message; or the error alone."""
    # imported here: pyarrow takes 100 ms to load, and rules do not need it
    from data_platform.engine.worker import batches

    end: dict[str, Any]
    try:
        outgoing = batches.Outgoing(session.open_reader(sql, rows + 1), rows)
    except NoAnswer as error:
        yield _describe_error(error)
        return
    yield {"streaming": True}
    try:
        with translate_errors(sql):
            yield from outgoing.write_frames()
        end = {"more": outgoing.more}
    except NoAnswer as error:
        end = _describe_error(error)
    yield b""
    yield end


def _describe_error(error: NoAnswer) -> dict[str, Any]:
    more = {"exhausted": True} if isinstance(error, OutOfMemory) else {"hint": error.hint} if error.hint else {}
    return {"error": str(error), **more}
