"""Checks the SQL of rules before anything runs.

It fails closed: exactly one SELECT (with WITH and UNION), which reads its own output by its bare name, declared
inputs as `"product".output`, its WITH queries, and a handful of table functions. The second wall, for what a parser
may misread, is the worker process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from sqlglot import exp

from data_platform.spec.sql.guard import (
    find_forbidden_parts,
    find_named_tables,
    find_wrong_functions,
    format_table,
    parse,
)
from data_platform.spec.sql.scope import check_with_queries, find_catalog_words, is_with_query
from data_platform.spec.sql.text import Refusal, SqlProblem, strip_semicolon

__all__ = ["ROWS_SHOWN", "SqlProblem", "build_failing_rows_sql", "check_rule_sql", "strip_semicolon"]

ROWS_SHOWN = 20


def check_rule_sql(sql: str, table: str, inputs: Collection[tuple[str, str]] = ()) -> list[SqlProblem]:
    """All problems of a rule over the output `table` whose product declares `inputs` as (product, output)."""
    try:
        query = parse(sql)
    except Refusal as refusal:
        return [refusal.problem]
    own = table.casefold()
    problems = [
        *find_forbidden_parts(query),
        *_check_names(query, own),
        *find_catalog_words(query, "a rule"),
        *find_wrong_functions(query),
        *_check_tables(query, own, inputs),
        *_check_columns(query),
    ]
    if not problems and not any(_is_own(table_node, own) for table_node in query.find_all(exp.Table)):
        hint = f"write FROM {table}, so that the rule judges the data being published"
        problems.append(SqlProblem(f"the SQL does not read {table}", hint, warning=True))
    return list(dict.fromkeys(problems))


def build_failing_rows_sql(sql: str, table: str) -> str | None:
    """For `SELECT COUNT(*) FROM … WHERE …` the SELECT of up to 20 rows of `table` that it counts, else None.

    Only the output's own columns are selected, under their own names, so that they can be masked by name.
    """
    try:
        query = parse(sql)
    except Refusal:
        return None
    if not isinstance(query, exp.Select) or not _is_filtered_count(query):
        return None
    own = _find_own_source(query, table)
    if own is None:
        return None
    star = exp.Column(this=exp.Star(), table=exp.to_identifier(own.alias_or_name, quoted=True))
    rows: exp.Select = query.copy().select(star, append=False).limit(ROWS_SHOWN)
    return str(rows.sql(dialect="duckdb", comments=False))


def _check_names(query: exp.Query, own: str) -> Iterator[SqlProblem]:
    if any(cte.alias.casefold() == own for cte in query.find_all(exp.CTE)):
        yield SqlProblem(f"a WITH query may not bear the output's name {own}", "give it another name")
    yield from check_with_queries(query)


def _check_tables(query: exp.Query, own: str, inputs: Collection[tuple[str, str]]) -> Iterator[SqlProblem]:
    declared = {(product.casefold(), output.casefold()) for product, output in inputs}
    for table in find_named_tables(query):
        yield from _check_table(table, own, declared)


def _check_table(node: exp.Table, own: str, declared: Collection[tuple[str, str]]) -> Iterator[SqlProblem]:
    name, product = node.name.casefold(), node.db.casefold()
    is_declared = (product, name) in declared if product else name == own or is_with_query(node)
    if node.catalog or not is_declared:
        yield SqlProblem(
            f"the SQL reads {format_table(node)}, which the rule cannot see", _suggest_table(name, own, declared)
        )
    elif node.args.get("when") or node.args.get("version"):
        yield SqlProblem(f"{format_table(node)}: a rule reads the version being judged", "leave AT and FOR out")


def _suggest_table(name: str, own: str, declared: Iterable[tuple[str, str]]) -> str:
    """The hint: the input of that output's name, else the nearest name that the rule can read."""
    readable = {own: own, **{output: f'"{product}".{output}' for product, output in sorted(declared)}}
    near = get_close_matches(name, readable, n=1)
    choices = [readable[near[0]]] if near else list(readable.values())
    return f"it can read {', '.join(choices)}; other products are declared under `inputs`"


def _check_columns(query: exp.Query) -> Iterator[SqlProblem]:
    first = query.selects
    if len(first) > 1:
        yield SqlProblem(f"a rule gives one number, and this SELECT has {len(first)} columns", "SELECT COUNT(*) …")


def _is_own(node: exp.Table, own: str) -> bool:
    return isinstance(node.this, exp.Identifier) and not node.db and node.name.casefold() == own


def _is_filtered_count(query: exp.Select) -> bool:
    """Whether the query is a bare COUNT(*) of the rows that meet a condition."""
    allowed = {"with_", "with", "expressions", "from_", "from", "joins", "where"}
    only = query.expressions[0].unalias() if len(query.expressions) == 1 else None
    bare = isinstance(only, exp.Count) and (only.this is None or isinstance(only.this, exp.Star | exp.Literal))
    others = {name for name, value in query.args.items() if value} - allowed
    return bare and query.args.get("where") is not None and not others


def _find_own_source(query: exp.Select, table: str) -> exp.Table | None:
    """The output itself among what the query reads directly, when it is there exactly once."""
    origin = query.args.get("from_") or query.args.get("from")
    sources = [origin.this] if origin else []
    sources += [join.this for join in query.args.get("joins") or ()]
    tables = [source for source in sources if isinstance(source, exp.Table)]
    own = [source for source in tables if _is_own(source, table.casefold())]
    return own[0] if len(own) == 1 and _has_its_names(own[0]) else None


def _has_its_names(table: exp.Table) -> bool:
    """Whether the table's columns have their own names: no pivot, and no alias that gives them others."""
    alias = table.args.get("alias")
    return not table.args.get("pivots") and not (alias is not None and alias.columns)
