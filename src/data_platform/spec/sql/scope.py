"""What a table's name means at its place in the query: a WITH query that is visible from there, or a table.

The rules are DuckDB's. A WITH query is visible to the query that it belongs to and to the WITH queries after it. It is
visible to itself only as a recursive query: within the right-hand side of its own UNION. Everywhere else within itself,
its name means what is defined outside, such as a view of DuckDB's catalog.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from data_platform.spec.sql.text import SqlProblem

_CATALOG = re.compile(r"(duckdb|pragma|pg|sqlite)_.*|information_schema", re.IGNORECASE)
_KEYWORDS = frozenset(
    {"current_catalog", "current_database", "current_query", "current_role", "current_schema", "current_schemas"}
    | {"current_user", "session_user", "system_user"}
)
_KEYWORD_NODES = (
    *(exp.CurrentUser, exp.SessionUser, exp.CurrentCatalog, exp.CurrentSchema, exp.CurrentSchemas, exp.CurrentRole),
    *(exp.CurrentDatabase,),
)


def is_with_query(table: exp.Table) -> bool:
    """Whether the name means a WITH query that is visible at its place."""
    if table.db:
        return False
    inner: exp.Expr = table
    node = table.parent
    while node is not None:
        if any(query.alias.casefold() == table.name.casefold() for query in _find_visible(node, inner, table)):
            return True
        inner, node = node, node.parent
    return False


def _find_visible(node: exp.Expr, inside: exp.Expr, table: exp.Table) -> list[exp.CTE]:
    """The WITH queries that `node` shows to the part of it that is `inside`, and in which `table` is."""
    if isinstance(node, exp.With):
        at = next(at for at, query in enumerate(node.expressions) if query is inside)
        itself = at + 1 if node.args.get("recursive") and _is_recursive(node.expressions[at], table) else at
        return list(node.expressions[:itself])
    with_clause = node.args.get("with_")
    return list(with_clause.expressions) if isinstance(with_clause, exp.With) and with_clause is not inside else []


def _is_recursive(query: exp.CTE, table: exp.Table) -> bool:
    """Whether the table is in the right-hand side of the query's UNION."""
    union = query.this
    if not isinstance(union, exp.Union):
        return False
    node: exp.Expr | None = table
    while node is not None and node.parent is not union:
        node = node.parent
    return node is not None and node is union.args.get("expression")


def check_with_queries(tree: exp.Query) -> Iterator[SqlProblem]:
    """WITH queries with names that are not plain, or that views of DuckDB's catalog have."""
    for name in sorted({query.alias for query in tree.find_all(exp.CTE)}):
        if not name.isidentifier():
            yield SqlProblem(f"a WITH query may not be named {name!r}", "use letters, digits and underscores")
        elif _CATALOG.fullmatch(name):
            yield SqlProblem(f"a WITH query may not be named {name!r}, as DuckDB's catalog is", "give it another name")


def find_catalog_words(tree: exp.Query, who: str) -> Iterator[SqlProblem]:
    """Names without a table that DuckDB reads as functions, quoted or not, when no column bears them."""
    for node in tree.walk():
        word = node.name.lower() if isinstance(node, exp.Column) and not node.table else ""
        if isinstance(node, _KEYWORD_NODES) or word in _KEYWORDS:
            name = word or node.sql(dialect="duckdb").lower()
            yield SqlProblem(f"{name} is not allowed in {who}", f"a column of that name is written table.{name}")
