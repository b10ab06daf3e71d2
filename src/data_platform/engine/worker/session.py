"""The queries of one run in DuckDB: SELECTs only, and answers that quote no data where they say what went wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from data_platform.engine.worker.catalogs import Table, open_catalogs
from data_platform.engine.worker.sql_errors import explain_sql_error
from data_platform.engine.worker.values import kind_of, number_of, showing, shown

ROWS_SHOWN = 20
BATCH_ROWS = 65_536


class NoAnswer(ValueError):
    """The query gave no answer; the message says why."""


class OutOfMemory(NoAnswer):
    """The memory ran out; what is left of it is in pieces, so the process should not be used further."""

    def __init__(self) -> None:
        super().__init__("it needs more memory than it may take")


class Session:
    """The open tables of one run."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> None:
        self._connection = connection
        self._catalogs = open_catalogs(connection, tables)

    def close(self) -> None:
        """Let go of files, keys and memory."""
        self._connection.close()

    def fused(self, queries: Sequence[str]) -> list[int | float | None]:
        """Each query's number, by one statement a catalog; None where it takes a closer look."""
        values: list[int | float | None] = [None] * len(queries)
        try:
            chosen = [self._catalog_for(query) for query in queries]
            for catalog in dict.fromkeys(chosen):
                places = [at for at, found in enumerate(chosen) if found == catalog]
                for at, value in zip(places, self._together(catalog, [queries[at] for at in places]), strict=True):
                    values[at] = number_of(value)
        except (duckdb.Error, MemoryError) as error:
            if _is_memory(error):
                raise OutOfMemory from None
        except NoAnswer:
            pass
        return values

    def scalar(self, query: str) -> int | float:
        """The number that the query gives as its one row's one column."""
        with reasons(query):
            self._use(self._catalog_for(query))
            found = self._connection.execute(f"SELECT * FROM (\n{query}\n) LIMIT 2")
            columns, rows = len(found.description), found.fetchall()
        if columns != 1:
            raise NoAnswer(f"it gave {columns} columns where one number is wanted")
        if len(rows) != 1:
            raise NoAnswer(f"it gave {'more than one row' if rows else 'no row'} where one number is wanted")
        value = number_of(rows[0][0])
        if value is None:
            raise NoAnswer(f"it gave {kind_of(rows[0][0])} where a number is wanted")
        return value

    def rows(self, query: str) -> tuple[list[str], list[list[object]]]:
        """The columns and up to 20 rows."""
        with reasons(query):
            self._use(self._catalog_for(query))
            columns = self._connection.execute(f"DESCRIBE\n{query}").fetchall()
            names = [f"column_{at}" for at in range(len(columns))]
            shows = ", ".join(showing(name, column[1]) for name, column in zip(names, columns, strict=True))
            shown_rows = f"SELECT {shows} FROM (\n{query}\n) AS found({', '.join(names)}) LIMIT {ROWS_SHOWN}"
            rows = self._connection.execute(shown_rows).fetchall()
        return [column[0] for column in columns], [[shown(value) for value in row] for row in rows]

    def reader(self, query: str, rows: int) -> Any:
        """The rows, at least `rows` of them, as a pyarrow.RecordBatchReader, computed while they are taken."""
        with reasons(query):
            self._use(self._catalog_for(query))
            try:
                relation = self._connection.sql(query)
                _judge_types(relation)
                return relation.to_arrow_reader(min(rows, BATCH_ROWS))
            except _ABOUT_THE_SQL:
                self._connection.execute(f"EXPLAIN\n{query}")  # says the same, and where
                raise

    def _together(self, catalog: str, queries: Sequence[str]) -> Sequence[object]:
        self._use(catalog)
        # Each on lines of its own: a query may end with a comment.
        subqueries = ", ".join(f"(\n{query}\n)" for query in queries)
        row = self._connection.execute(f"SELECT {subqueries}").fetchone()
        if row is None or len(row) != len(queries):
            raise NoAnswer("the queries do not fit into one statement")
        return row

    def _catalog_for(self, query: str) -> str:
        """Where the query runs: `full` when its plan reads an encrypted column, else `clear`, which is faster."""
        statements = self._connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise NoAnswer("it is not one SELECT")
        if not self._catalogs.sealed:
            return self._catalogs.clear
        self._use(self._catalogs.full)
        plan = self._connection.execute(f"EXPLAIN (FORMAT json)\n{query}").fetchall()
        scans = _scans(json.loads(plan[0][1]))
        touched = [table for table in self._catalogs.sealed if any(name in s for name in table.sealed for s in scans)]
        for table in touched:
            if table.problem:
                raise NoAnswer(table.problem)
        return self._catalogs.full if touched else self._catalogs.clear

    def _use(self, catalog: str) -> None:
        self._connection.execute(f"USE {catalog}")


def _judge_types(relation: duckdb.DuckDBPyRelation) -> None:
    """Refuses what Arrow gets changed: unsigned integers of 128 bits, times without their offset, bits as bytes."""
    for name, kind in zip(relation.columns, relation.types, strict=True):
        if changed := next((inner for inner in _scalars(kind) if inner.id in _CHANGED), None):
            raise NoAnswer(f"the column {name} is a {changed}, which cannot be handed out; CAST it to VARCHAR")


_CHANGED = ("uhugeint", "time with time zone", "bit", "variant")
_NESTED = ("struct", "tuple", "list", "array", "map", "union")


def _scalars(kind: Any) -> Iterator[Any]:
    if kind.id in _NESTED:
        for _, inner in kind.children:
            if not isinstance(inner, int):  # an array's length is among its children
                yield from _scalars(inner)
    else:
        yield kind


def _scans(nodes: list[dict[str, Any]]) -> list[str]:
    """What the plan's leaves and filters say of the columns they read."""
    found = []
    for node in nodes:
        found.append(json.dumps(node.get("extra_info"), ensure_ascii=False))
        found += _scans(node.get("children", []))
    return found


@contextmanager
def reasons(sql: str) -> Iterator[None]:
    """Turn what DuckDB raises over the query into why there is no answer."""
    try:
        yield
    except (duckdb.Error, MemoryError, OSError) as error:  # what a stream raises midway, pyarrow tells as OSError
        raise OutOfMemory if _is_memory(error) else NoAnswer(reason_of(error, sql)) from None


def _is_memory(error: BaseException) -> bool:
    """Whether the memory ran out, in DuckDB, in Python, or in pyarrow underneath DuckDB."""
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException):
        return True
    return any(word in str(error) for word in ("bad_alloc", "bad allocation", "malloc of size", "allocate memory"))


def reason_of(error: BaseException, sql: str = "") -> str:
    """Why DuckDB gave no answer, without a value of the data: errors of execution may quote personal data.

    A column is named only where the query itself names it: what looks like one may be part of a quoted value.
    """
    message = str(error).strip()
    if isinstance(error, _ABOUT_THE_SQL):
        told, _, place = message.partition("\n\n")
        return (_place_of(place.lstrip("\n")) + explain_sql_error(told))[:1000]
    if "more than one row" in message.lower():
        return "it gave more than one row where one number is wanted"
    if found := _CONVERSION.match(message):
        named = found[2] and re.search(rf"\b{re.escape(found[2])}\b", sql, re.IGNORECASE)
        return f"a value of {found[2] if named else 'a column'} could not be converted to {found[1]}"
    if message.startswith("Permission Error"):
        return "it may not read what it asks for"
    kind = found[0] if (found := _KIND.match(message)) else "it failed"
    return f"{kind} while it ran (the message is withheld, since it may quote data)"


def _place_of(excerpt: str) -> str:
    """The place that DuckDB draws, in words; it stands a line lower there, since something is set before each query.

    The caret counts the columns of a terminal, and of a long line only a part is shown: the column is left out then.
    """
    found = _EXCERPT.match(excerpt)
    if found is None:
        return ""
    line, text, blanks = int(found[1]) - 1, found[2], len(found[3]) - found.start(2)
    before = text[: max(blanks, 0)]
    exact = before.isascii() and before.isprintable() and not text.startswith("...")
    return f"line {line}, column {blanks + 1}: " if exact else f"line {line}: "


_EXCERPT = re.compile(r"LINE (\d+): (.*)\n( *)\^")
_ABOUT_THE_SQL = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.SyntaxException)
_KIND = re.compile(r"[A-Z][A-Za-z]*( [A-Z][A-Za-z]*)? Error(?=:)")
"""How DuckDB's messages begin: with their kind, which quotes nothing."""
_TYPES = (
    r"U?INT\d+|U?(?:TINY|SMALL|BIG|HUGE)?INT|INTEGER|FLOAT|DOUBLE|DECIMAL|BOOL(?:EAN)?"
    r"|DATE|TIME|TIMESTAMP|INTERVAL|UUID"
)
_CONVERSION = re.compile(
    rf"Conversion Error: Could not convert .* to ({_TYPES})(?:\([\d, ]+\))?(?: when casting from source column (\w+))?"
    r"(?=\Z|\n\nLINE \d+: )",
    re.DOTALL,
)
"""The end of the message is DuckDB's; before it stands the value, which may look like anything."""
