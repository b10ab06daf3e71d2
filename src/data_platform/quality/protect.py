"""Which measured numbers may themselves be personal data: `SELECT MAX(salary) FROM t` gives somebody's salary.

A count is told, and so is what merely asks about a protected column (`CASE WHEN email IS NULL …`). A number that may be
one of its values is kept back, whatever the column is called on the way; the rule's verdict stands all the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from data_platform.quality.verdict import RuleResult
from data_platform.spec.rules import Aggregate, Sql

_ASKING = (exp.Count, exp.CountIf, exp.Where, exp.Predicate)
_RENAMING = (exp.Subquery, exp.CTE, exp.Star, exp.Columns)


def without_personal_value(result: RuleResult, masked: Collection[str]) -> RuleResult:
    """The result, its value left out where it may be a value of one of the `masked` columns."""
    hidden = {name.casefold() for name in masked}
    match result.rule.measure:
        case Sql(query):
            tells = bool(hidden) and _tells(query, hidden)
        case Aggregate():
            tells = any(column.casefold() in hidden for column in result.rule.columns)
        case _:
            tells = False
    return replace(result, value=None) if tells else result


def _tells(query: str, hidden: Collection[str]) -> bool:
    try:
        tree = parse_one(query, dialect="duckdb")
    except SqlglotError:
        return True
    taken = [column for projection in getattr(tree, "selects", [tree]) for column in _taken(projection)]
    return any(column.name.casefold() in hidden for column in taken) or (bool(taken) and _renames(tree))


def _renames(tree: exp.Expr) -> bool:
    """Whether a column may have another name by the time it is taken."""
    aliases = any(alias.columns for alias in tree.find_all(exp.TableAlias))
    return aliases or any(not _asks(node) for node in tree.find_all(*_RENAMING))


def _taken(projection: exp.Expr) -> list[exp.Expr]:
    return [column for column in projection.find_all(exp.Column, exp.Star, exp.Columns) if not _asks(column)]


def _asks(node: exp.Expr) -> bool:
    return node.find_ancestor(*_ASKING) is not None
