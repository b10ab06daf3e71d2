"""What a rule measures: one of six dimensions of quality, as the rule says, or as its measure shows.

ODCS 3.2.0 has seven words; two of them have another name here, and `coverage` (is everything there?) counts as
completeness. A rule that names none is placed by what it does:

- it counts nulls, missing values or rows: completeness
- it counts repetitions, or is SQL with HAVING or COUNT(DISTINCT …): uniqueness
- it judges single values, or a measured number, against a demand: validity
- it is SQL that reads other tables too: consistency
- it is SQL that asks what time it is: timeliness
- it is any other SQL: accuracy
"""

from __future__ import annotations

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from data_platform.quality.score import to_dimension
from data_platform.spec.rules.model import (
    OUTPUT,
    Aggregate,
    ColumnNames,
    Duplicates,
    PersonalData,
    Query,
    RowCount,
    Rule,
    SqlMeasure,
    Wrong,
)
from data_platform.spec.rules.predicates import is_null

_CLOCKS = (exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentDatetime, exp.CurrentTime)


def infer_dimension(rule: Rule, table: str) -> str:
    """The dimension, one of `DIMENSIONS`, of a rule over the output `table`."""
    if rule.dimension is not None:
        return to_dimension(rule.dimension)
    match rule.measure:
        case Wrong(predicate):
            nulls = rule.column is not None and predicate.startswith(is_null(rule.column))
            return "completeness" if nulls else "validity"
        case Duplicates():
            return "uniqueness"
        case RowCount():
            return "completeness"
        case Aggregate() | ColumnNames() | PersonalData():
            return "validity"
        case SqlMeasure(query):
            return _infer_query_dimension(query, table)
        case Query(query):
            return _infer_query_dimension(query, OUTPUT)


def _infer_query_dimension(query: str, table: str) -> str:
    try:
        tree = parse_one(query, dialect="duckdb")
    except SqlglotError:
        return "accuracy"
    own = {table.casefold(), *(cte.alias.casefold() for cte in tree.find_all(exp.CTE))}
    if any(source.db or source.name.casefold() not in own for source in tree.find_all(exp.Table)):
        return "consistency"
    if tree.find(exp.Having) or any(count.find(exp.Distinct) for count in tree.find_all(exp.Count)):
        return "uniqueness"
    if tree.find(*_CLOCKS) or any(call.name.casefold() == "now" for call in tree.find_all(exp.Anonymous)):
        return "timeliness"
    where = tree.find(exp.Where)
    missing = _is_null_test(where.this) if where is not None else _is_row_count(tree)
    return "completeness" if missing else "accuracy"


def _is_row_count(tree: exp.Expr) -> bool:
    """Whether the query is nothing but the number of rows."""
    only = [projection.unalias() for projection in getattr(tree, "selects", ())]
    return len(only) == 1 and isinstance(only[0], exp.Count)


def _is_null_test(condition: exp.Expr) -> bool:
    """Whether the condition is made of IS NULL alone, with AND, OR and parentheses."""
    match condition:
        case exp.Paren():
            return _is_null_test(condition.this)
        case exp.And() | exp.Or():
            return _is_null_test(condition.this) and _is_null_test(condition.expression)
        case exp.Is():
            return isinstance(condition.expression, exp.Null)
        case _:
            return False
