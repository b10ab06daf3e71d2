"""Column lineage of a query, from its AST alone: which columns each output column is made from, and how.

A query is walked once, from the inside out: every table, WITH query and subquery becomes a Relation (relations.py),
every expression a set of uses (meaning.py). What the text does not show (the columns of a PIVOT or a table function)
counts as made from everything in scope. The answer may name a column too many, but never too few: changing a column
that is not named changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from data_platform.errors import BadInput
from data_platform.lineage.relations import QueryScope, Relation
from data_platform.lineage.trace import Tracer
from data_platform.lineage.uses import ELSEWHERE, ColumnLineage, ColumnUse


def resolve_column_lineage(query: exp.Query, tables: Mapping[str, Sequence[str]]) -> ColumnLineage[str]:
    """The column lineage of `query`: the uses of each output column.

    `tables` are the columns of the tables it reads, by their names as written in the query, parts separated by
    dots (`"orders".fact` is `orders.fact`); letters' case does not matter. Raises BadInput for a table or column that
    is not there, and for a query too large to trace (its columns, expanded, by what they are made from).
    """
    relations = {name.casefold(): _build_table(name, columns) for name, columns in tables.items()}
    try:
        result = Tracer().query(query, QueryScope(relations))
    except RecursionError:
        raise BadInput("the query is nested too deeply to trace its columns") from None
    fields: dict[str, frozenset[ColumnUse[str]]] = {}
    for name, uses in zip(result.names, result.uses, strict=True):
        fields[name] = fields.get(name, frozenset()) | uses
    if result.rest is not None:
        fields[ELSEWHERE] = result.rest
    return ColumnLineage(fields, result.rows)


def _build_table(name: str, columns: Sequence[str]) -> Relation:
    uses = (frozenset({ColumnUse(name, column, "DIRECT", "IDENTITY")}) for column in columns)
    return Relation(tuple(columns), tuple(uses))
