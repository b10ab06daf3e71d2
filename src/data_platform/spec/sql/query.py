"""SQL over the mesh from any caller: which outputs it names, checked before anything is opened or run.

A table is `"product".output`, or `output` alone where one product only has it, or the product's name alone where it has
one output. In each form a major may follow, `"output@2"`, and behind that a data version, `"output#3"`, or a moment,
`"output@2026-01-31"`. The whole may be in one pair of quotes: `"product.output@2#3"`.
Everything else is as in a rule's SQL (sql_guard.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlglot import exp

from data_platform.errors import QueryFailed
from data_platform.spec.sql.guard import (
    find_forbidden_parts,
    find_named_tables,
    find_wrong_functions,
    format_table,
    parse,
)
from data_platform.spec.sql.scope import check_with_queries, find_catalog_words, is_with_query
from data_platform.spec.sql.text import Refusal, SqlProblem

_WHO = "a query"
MOST_TABLES = 100
"""Tables that a query names: each is authorised, and its files are verified and opened, before the query has a time."""
_TABLE = re.compile(
    r"((?P<product>[^.@#]+)\.)?(?P<output>[^.@#]*(@(0|[1-9][0-9]{0,8})(?=[@#]|\Z))?)(#(?P<version>[1-9][0-9]{0,17})|@(?P<moment>[^#]*))?"
)


@dataclass(frozen=True, slots=True)
class TableName:
    """One table as the SQL names it, and where; `key` is its name as written, which is what the engine calls it.

    `output` is `name` or `name@major`.
    """

    key: tuple[str, ...]
    product: str | None
    output: str
    version: int | None
    moment: str | None
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class QuerySql:
    """A query that may run: its text word for word, its syntax tree, and the tables it names, each once."""

    text: str
    tree: exp.Query
    tables: tuple[TableName, ...]


@dataclass(frozen=True, slots=True)
class FrameSql:
    """The statement of a frame that may run: its text word for word, and its syntax tree."""

    text: str
    tree: exp.Query


def read_query(sql: str) -> QuerySql:
    """The query; raises QueryFailed with all its problems."""
    try:
        tree = parse(sql, _WHO)
    except Refusal as refusal:
        raise _make_failure([_find_unquoted_name(sql) or refusal.problem]) from None
    named = find_outer_tables(tree)
    problems = [*find_query_problems(tree), *(problem for table in named for problem in _check_table(table))]
    if problems:
        unquoted = _find_unquoted_name(sql)
        raise _make_failure([unquoted] if unquoted else list(dict.fromkeys(problems)))
    tables = {make_key(table): _parse_table_name(sql, table) for table in reversed(named)}
    refuse_many_tables(len(tables))
    return QuerySql(sql, tree, tuple(tables[key] for key in sorted(tables)))


def read_frame_statement(sql: str, aliases: Collection[str]) -> FrameSql:
    """The statement of a frame, which reads tables by these aliases; raises QueryFailed with all its problems.

    It is checked as a query of `read_query` is, but for the form of its tables' names.
    """
    try:
        tree = parse(sql, _WHO)
    except Refusal as refusal:
        raise _make_failure([refusal.problem]) from None
    allowed = {(alias.casefold(),) for alias in aliases}
    unknown = (table for table in find_outer_tables(tree) if make_key(table) not in allowed)
    problems = [
        *find_query_problems(tree),
        *(SqlProblem(f"the frame names no table {format_table(table)}") for table in unknown),
    ]
    if problems:
        raise _make_failure(list(dict.fromkeys(problems)))
    return FrameSql(sql, tree)


def refuse_many_tables(count: int) -> None:
    """Raises QueryFailed for more tables than a query may read."""
    if count > MOST_TABLES:
        raise QueryFailed(f"{_WHO} reads at most {MOST_TABLES} tables, and not {count:,}", hint="split it")


def find_query_problems(tree: exp.Query) -> Iterator[SqlProblem]:
    """What no query may have, whatever its tables are called."""
    yield from find_forbidden_parts(tree, _WHO)
    yield from check_with_queries(tree)
    yield from find_catalog_words(tree, _WHO)
    yield from find_wrong_functions(tree, _WHO)


def find_outer_tables(tree: exp.Query) -> list[exp.Table]:
    """The tables that the query names and does not define in a WITH query."""
    return [table for table in find_named_tables(tree) if not is_with_query(table)]


def _find_unquoted_name(sql: str) -> SqlProblem | None:
    """The first table's name that SQL reads only in double quotes, such as orders@2, orders#7 or orders-product."""
    match = _UNQUOTED.search(_QUOTED.sub(_blank_quoted, sql))
    if match is None:
        return None
    name = match[1]
    quoted = f'FROM "{name.replace(chr(34), "")}"'
    return SqlProblem(f"the table's name {name} is not in double quotes", f"write {quoted}")


def _blank_quoted(match: re.Match[str]) -> str:
    """The same text for a quoted name, and blanks for texts and comments, whose words name no table."""
    return match[0] if match[0].startswith('"') else " " * len(match[0])


_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_UNQUOTED = re.compile(
    r"""\b(?:FROM|JOIN)\s+((?:\w+|"[^"@#]+")(?:[.-]\w+|\."[^"@#]+")*(?:[@#][\w:-]+)+|\w+(?:-\w+)+(?:\.\w+)?)""",
    re.IGNORECASE,
)


def make_key(table: exp.Table) -> tuple[str, ...]:
    """The table's name as written, in the case that the engine folds it to."""
    return tuple(part.name.casefold() for part in table.parts)


def _check_table(table: exp.Table) -> Iterator[SqlProblem]:
    if table.catalog:
        yield SqlProblem(f"{format_table(table)} has too many parts", 'a table is "product".output, or output alone')
    elif table.args.get("when") or table.args.get("version"):
        pinned = f'"{table.name}#3"'
        yield SqlProblem(f"{format_table(table)}: AT and FOR are not known here", f"write a version as {pinned}")
    elif _TABLE.fullmatch(table.name) is None:
        hint = 'a table is "output", "output@MAJOR", and behind either "#VERSION" or "@MOMENT"'
        yield SqlProblem(f"{format_table(table)} is no table's name", hint)


def _parse_table_name(sql: str, table: exp.Table) -> TableName:
    parts = _TABLE.fullmatch(table.name)
    if parts is None:
        raise AssertionError("wrong names are refused first")
    start = table.parts[0].meta.get("start", 0)
    line = sql.count("\n", 0, start) + 1
    return TableName(
        make_key(table),
        (table.db or parts["product"] or "").casefold() or None,
        parts["output"].casefold(),
        int(parts["version"]) if parts["version"] else None,
        parts["moment"] or None,
        line,
        start - (sql.rfind("\n", 0, start) + 1) + 1,
    )


def _make_failure(problems: list[SqlProblem]) -> QueryFailed:
    """All problems as one error; a hint follows its problem, or all of them where there is only one hint."""
    if len(problems) == 1:
        return QueryFailed(problems[0].message, hint=problems[0].hint)
    return QueryFailed("\n".join(p.message + (f"\n  → {p.hint}" if p.hint else "") for p in problems))
