"""The columns of its own table that a rule's SQL names, where its text alone determines them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from data_platform.spec.sql.guard import parse
from data_platform.spec.sql.text import Refusal

_UNSETTLED = (
    *(exp.CTE, exp.Subquery, exp.Join, exp.Lateral, exp.Unnest, exp.Lambda, exp.Pivot, exp.SetOperation, exp.Columns),
    *(exp.Exists, exp.Values, exp.Comprehension),
)
_NO_COLUMNS = frozenset({"rowid", "user", "session_user", "current_role", "current_catalog", "localtime"})
"""Words that DuckDB reads as values of its own, and sqlglot as columns."""


def list_own_columns(sql: str, table: str) -> tuple[str, ...]:
    """The columns that a SELECT from `table` alone names, as it spells them (letters' case does not matter to it).

    Empty for SQL that is refused, or that brings in other tables, subqueries or lambdas: there a name may be anything,
    and the engine settles it when the rule runs.
    """
    try:
        query = parse(sql)
    except Refusal:
        return ()
    source = query.args.get("from_")
    if not isinstance(query, exp.Select) or source is None or not isinstance(source.this, exp.Table):
        return ()
    inner = (node for node in query.walk() if node is not query)
    if any(isinstance(node, (*_UNSETTLED, exp.Query)) for node in inner):
        return ()
    if source.this.name.casefold() != table.casefold() or source.this.db:
        return ()
    return tuple(dict.fromkeys(_iterate_named(query, {table.casefold(), source.this.alias_or_name.casefold()})))


def _iterate_named(query: exp.Select, tables: set[str]) -> Iterator[str]:
    aliases = {alias.alias.casefold() for alias in query.find_all(exp.Alias)} | _NO_COLUMNS
    for column in query.find_all(exp.Column):
        if isinstance(column.this, exp.Star):
            continue
        parts = [part.name for part in column.parts]
        if len(parts) > 1 and parts[0].casefold() in tables:
            parts = parts[1:]
        if parts[0].casefold() not in aliases:
            yield parts[0]
