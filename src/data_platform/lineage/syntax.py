"""Questions about one node of a query's AST."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from data_platform.lineage.meaning import is_aggregate

VALUES_WITHOUT_TABLE = frozenset(
    {"rowid", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user"}
    | {"session_user", "user", "current_role", "current_schema", "current_catalog"}
)
"""What reads like a column and belongs to no table's schema."""


def walk_own_nodes(expression: exp.Expr) -> Iterator[exp.Expr]:
    """Every node of the expression; nested queries are handed out and not entered."""
    return expression.walk(prune=lambda node: isinstance(node, exp.Query))


def is_row_generator(expression: exp.Expr) -> bool:
    """Whether the projection gives several rows for one, as explode and unnest do."""
    return any(isinstance(node, exp.UDTF) for node in walk_own_nodes(expression))


def contains_aggregate(expression: exp.Expr) -> bool:
    """Whether the projection is one value of a group, and no key of GROUP BY ALL."""
    return any(is_aggregate(node) and node.find_ancestor(exp.Window) is None for node in walk_own_nodes(expression))


def is_star(expression: exp.Expr) -> bool:
    """Whether the projection can give any number of columns."""
    return expression.is_star or any(isinstance(node, exp.Columns) for node in walk_own_nodes(expression))


def list_output_names(expression: exp.Expr) -> list[str]:
    """The name of the column a projection gives, or several: as written, else its text."""
    if isinstance(expression, exp.Aliases):
        return [alias.name for alias in expression.aliases]
    if isinstance(expression, exp.Alias | exp.Subquery) and expression.alias:
        return [expression.alias]
    return [expression.name if isinstance(expression, exp.Column | exp.Dot) else expression.sql(dialect="duckdb")]


def get_table_name(node: exp.Expr) -> tuple[str, ...]:
    """The parts of a table's name; a table function gives its own name."""
    if not isinstance(node, exp.Table):
        return ()
    if isinstance(node.this, exp.Identifier):
        return tuple(part.name for part in node.parts)
    return (node.this.sql_name().lower(),) if isinstance(node.this, exp.Func) else ()


def list_alias_columns(node: exp.Expr) -> list[str]:
    """The names that `AS t(a, b)` gives."""
    alias = node.args.get("alias")
    return [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []


def list_arguments(node: exp.Expr) -> Iterator[exp.Expr]:
    """What a table function takes."""
    return (child for child in node.iter_expressions() if not isinstance(child, exp.TableAlias))


def list_bound_names(node: exp.Expr) -> frozenset[str]:
    """The names that a lambda or a list comprehension gives to elements."""
    if isinstance(node, exp.Lambda):
        return frozenset(expression.name.casefold() for expression in node.expressions)
    return frozenset([node.expression.name.casefold()]) if isinstance(node, exp.Comprehension) else frozenset()


def list_windows(node: exp.Select) -> Iterator[exp.Expr]:
    """The expressions of the clause WINDOW."""
    for window in node.args.get("windows") or ():
        yield from window.args.get("partition_by") or ()
        yield from (part for name in ("order", "spec") if (part := window.args.get(name)) is not None)


def list_group_keys(group: exp.Group) -> Iterator[exp.Expr]:
    """Every key of GROUP BY, those of ROLLUP, CUBE and GROUPING SETS too."""
    for name in ("expressions", "rollup", "cube", "grouping_sets"):
        yield from group.args.get(name) or ()


def strip_parentheses(node: exp.Expr) -> exp.Expr:
    """The node inside the parentheses of `FROM (a JOIN b ON …)`: its names are visible outside."""
    while isinstance(node, exp.Subquery) and not node.alias and not node.args.get("pivots"):
        if not isinstance(node.this, exp.Table) and not node.this.args.get("joins"):
            return node
        if isinstance(node.this, exp.Select):
            return node
        node = node.this
    return node
