"""Runs the queries of one run in DuckDB: SELECTs only, with error messages that quote no data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from data_platform.engine.error_lines import cut_traceback
from data_platform.engine.worker.catalogs import Table, open_catalogs
from data_platform.engine.worker.sql_errors import explain_sql_error, find_place
from data_platform.engine.worker.sql_rewrites import name_type
from data_platform.engine.worker.values import build_display_sql, describe_kind, to_json_value, to_number

ROWS_SHOWN = 20
_TOGETHER = 4
"""The queries of one statement: planning takes 0.6 ms a query of four, 2.8 of ten: DuckDB tries every join order."""
BATCH_ROWS = 8192


class NoAnswer(ValueError):
    """The query gave no answer; the message says why, `hint` what to write instead."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class OutOfMemory(NoAnswer):
    """The memory ran out; it is fragmented now, so the process should not be used further."""

    def __init__(self) -> None:
        super().__init__("it needs more memory than its limit")


class Session:
    """The open tables of one run."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> None:
        self._connection = connection
        self._catalogs = open_catalogs(connection, tables)

    def close(self) -> None:
        """Release files, keys and memory."""
        self._connection.close()

    def run_fused(self, queries: Sequence[str]) -> list[int | float | None]:
        """Each query's number, by a statement for some queries of a catalog; None for a query that must run alone."""
        values: list[int | float | None] = [None] * len(queries)
        try:
            chosen = [self._select_catalog(query) for query in queries]
            for catalog in dict.fromkeys(chosen):
                places = [at for at, choice in enumerate(chosen) if choice == catalog]
                for start in range(0, len(places), _TOGETHER):
                    some = places[start : start + _TOGETHER]
                    numbers = self._run_together(catalog, [queries[at] for at in some])
                    for at, value in zip(some, numbers, strict=True):
                        values[at] = to_number(value)
        except (duckdb.Error, MemoryError) as error:
            if _is_memory(error):
                raise OutOfMemory from None
        except NoAnswer:
            pass
        return values

    def run_scalar(self, query: str) -> int | float:
        """The number that the query gives as its one row's one column."""
        with translate_errors(query):
            self._use(self._select_catalog(query))
            cursor = self._connection.execute(f"SELECT * FROM (\n{query}\n) LIMIT 2")
            columns, rows = len(cursor.description), cursor.fetchall()
        if columns != 1:
            raise NoAnswer(f"it gave {columns} columns where one number is wanted")
        if len(rows) != 1:
            raise NoAnswer(f"it gave {'more than one row' if rows else 'no row'} where one number is wanted")
        value = to_number(rows[0][0])
        if value is None:
            raise NoAnswer(f"it gave {describe_kind(rows[0][0])} where a number is wanted")
        return value

    def run_rows(self, query: str) -> tuple[list[str], list[list[object]]]:
        """The columns and up to 20 rows."""
        with translate_errors(query):
            self._use(self._select_catalog(query))
            columns = self._connection.execute(f"DESCRIBE\n{query}").fetchall()
            names = [f"column_{at}" for at in range(len(columns))]
            shows = ", ".join(build_display_sql(name, column[1]) for name, column in zip(names, columns, strict=True))
            shown_rows = f"SELECT {shows} FROM (\n{query}\n) AS found({', '.join(names)}) LIMIT {ROWS_SHOWN}"
            rows = self._connection.execute(shown_rows).fetchall()
        return [column[0] for column in columns], [[to_json_value(value) for value in row] for row in rows]

    def open_reader(self, query: str, rows: int) -> Any:
        """The rows, at least `rows` of them, as a pyarrow.RecordBatchReader, computed while they are read."""
        with translate_errors(query):
            self._use(self._select_catalog(query))
            try:
                relation = self._connection.sql(query)
                _judge_types(relation)
                return relation.to_arrow_reader(min(rows, BATCH_ROWS))
            except _ABOUT_THE_SQL:
                self._connection.execute(f"EXPLAIN\n{query}")  # says the same, and where
                raise

    def _run_together(self, catalog: str, queries: Sequence[str]) -> Sequence[object]:
        self._use(catalog)
        # each query on its own lines, because it may end with a comment
        subqueries = ", ".join(f"(\n{query}\n)" for query in queries)
        row = self._connection.execute(f"SELECT {subqueries}").fetchone()
        if row is None or len(row) != len(queries):
            raise NoAnswer("the queries do not fit into one statement")
        return row

    def _select_catalog(self, query: str) -> str:
        """The query's catalog: `full` if its plan reads an encrypted column, else `clear`, which is faster."""
        statements = self._connection.extract_statements(f"\n{query}")  # errors count the lines of wrapped queries
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise NoAnswer("it is not one SELECT", "give PIVOT its values: ON column IN (…)")
        if not self._catalogs.sealed:
            return self._catalogs.clear
        self._use(self._catalogs.full)
        plan = self._connection.execute(f"EXPLAIN (FORMAT json)\n{query}").fetchall()
        scans = _list_scans(json.loads(plan[0][1]))
        touched = {table: columns for table in self._catalogs.sealed if (columns := table.list_read(scans))}
        for table, columns in touched.items():
            if problem := table.find_problem(columns):
                raise NoAnswer(problem)
        return self._catalogs.full if touched else self._catalogs.clear

    def _use(self, catalog: str) -> None:
        self._connection.execute(f"USE {catalog}")


def _judge_types(relation: duckdb.DuckDBPyRelation) -> None:
    """Refuses types that DuckDB changes for Arrow: unsigned integers of 128 bits, times with offset, bits."""
    for name, kind in zip(relation.columns, relation.types, strict=True):
        if changed := next((inner for inner in _list_scalars(kind) if inner.id in _CHANGED), None):
            raise NoAnswer(f"the column {name} is a {changed}, which cannot be returned; CAST it to VARCHAR")


_CHANGED = ("uhugeint", "time with time zone", "bit", "variant")
_NESTED = ("struct", "tuple", "list", "array", "map", "union")


def _list_scalars(kind: Any) -> Iterator[Any]:
    if kind.id in _NESTED:
        for _, inner in kind.children:
            if not isinstance(inner, int):  # an array's length is among its children
                yield from _list_scalars(inner)
    else:
        yield kind


def _list_scans(nodes: list[dict[str, Any]]) -> list[str]:
    """The texts of the plan's nodes, which name the columns that they read."""
    scans = []
    for node in nodes:
        scans.append("\n".join(_list_texts(node.get("extra_info"))))
        scans += _list_scans(node.get("children", []))
    return scans


def _list_texts(info: Any) -> Iterator[str]:
    match info:
        case str():
            yield info
        case list():
            for inner in info:
                yield from _list_texts(inner)
        case dict():
            yield from _list_texts(list(info.values()))


@contextmanager
def translate_errors(sql: str) -> Iterator[None]:
    """Translate DuckDB's errors about the query to NoAnswer or OutOfMemory."""
    try:
        yield
    except (duckdb.Error, MemoryError, OSError) as error:  # pyarrow raises OSError for an error inside a stream
        hint = _SQL_HINT if isinstance(error, _ABOUT_THE_SQL) else _VALUE_HINT
        raise OutOfMemory if _is_memory(error) else NoAnswer(explain_error(error, sql), hint) from None


def _is_memory(error: BaseException) -> bool:
    """Whether the memory ran out, in DuckDB, in Python, or in pyarrow underneath DuckDB."""
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException):
        return True
    return any(word in str(error) for word in ("bad_alloc", "bad allocation", "malloc of size", "allocate memory"))


def explain_error(error: BaseException, sql: str = "") -> str:
    """The reason of DuckDB's error, without values of the data: errors of execution may quote personal data.

    A column is named only where the query itself names it: what looks like one may be part of a quoted value.
    """
    message = cut_traceback(str(error)).strip()
    if isinstance(error, _ABOUT_THE_SQL):
        problem, _, place = message.partition("\n\n")
        where = _describe_place(place.lstrip("\n")) or find_place(problem, sql)
        return (where + explain_sql_error(problem, sql))[:1000]
    if "more than one row" in message.lower():
        return "it gave more than one row where one number is wanted"
    if match := _CONVERSION.match(message):
        named = match[2] and re.search(rf"\b{re.escape(match[2])}\b", sql, re.IGNORECASE)
        return f"a value of {match[2] if named else 'a column'} could not be converted to {name_type(match[1])}"
    if message.startswith("Permission Error"):
        return "it refers to something that it may not read"
    kind = match[0] if (match := _KIND.match(message)) else ""
    return f"{_PLAIN.get(kind, 'it failed while it ran')} (the message is withheld, since it may quote data)"


def _describe_place(excerpt: str) -> str:
    """The place that DuckDB's excerpt marks, as text; DuckDB counts one line more, because each query is wrapped.

    The caret counts the columns of a terminal, and of a long line only a part is shown: the column is left out then.
    """
    match = _EXCERPT.match(excerpt)
    if match is None:
        return ""
    line, text, blanks = max(int(match[1]) - 1, 1), match[2], len(match[3]) - match.start(2)
    before = text[: max(blanks, 0)]
    exact = before.isascii() and before.isprintable() and not text.startswith("...")
    return f"line {line}, column {blanks + 1}: " if exact else f"line {line}: "


_SQL_HINT = "correct the SELECT, which is in DuckDB's SQL; data-platform show PRODUCT lists the columns"
_VALUE_HINT = "TRY_CAST(… AS type) and TRY(…) give NULL where a value does not fit; WHERE leaves its row out"
_EXCERPT = re.compile(r"LINE (\d+): (.*)\n( *)\^")
_ABOUT_THE_SQL = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.SyntaxException)
_KIND = re.compile(r"[A-Z][A-Za-z]*( [A-Z][A-Za-z]*)? Error(?=:)")
"""The kind at the start of DuckDB's messages, which quotes no data."""
_PLAIN = {
    "Conversion Error": "a value could not be converted to another type",
    "Invalid Input Error": "a value does not fit a cast or a function",
    "Out of Range Error": "a number is out of range",
    "IO Error": "a file could not be read",
}
"""Those kinds in words of ours."""
_TYPES = (
    r"U?INT\d+|U?(?:TINY|SMALL|BIG|HUGE)?INT|INTEGER|FLOAT|DOUBLE|DECIMAL|BOOL(?:EAN)?"
    r"|DATE|TIME|TIMESTAMP|INTERVAL|UUID"
)
_CONVERSION = re.compile(
    rf"Conversion Error: Could not convert .* to ({_TYPES})(?:\([\d, ]+\))?(?: when casting from source column (\w+))?"
    r"(?=\Z|\n\nLINE \d+: )",
    re.DOTALL,
)
"""The end of the message is DuckDB's; the value before it may have any form."""
