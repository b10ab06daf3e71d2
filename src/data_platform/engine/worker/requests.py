"""The requests of the parent, answered one after another."""

from __future__ import annotations

from typing import Any

import duckdb

from data_platform.engine.worker.catalogs import connect
from data_platform.engine.worker.session import NoAnswer, OutOfMemory, Session


class Requests:
    """Holds the open tables between the requests of one run."""

    def __init__(self, memory_limit_mb: int, threads: int) -> None:
        self._limits = memory_limit_mb, threads
        self._spare: duckdb.DuckDBPyConnection | None = connect(*self._limits)
        self._session: Session | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """The reply, or None when none is wanted."""
        match request:
            case {"op": "open", "tables": tables}:
                return self._open(tables)
            case {"op": "forget"}:
                self._forget()
                return None
            case {"op": op, "sql": sql} if self._session is not None:
                return _run(self._session, op, sql)
            case _:
                return {"error": "no such request, or no open tables"}

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
    except OutOfMemory as error:
        return {"error": str(error), "exhausted": True}
    except NoAnswer as error:
        return {"error": str(error)}
