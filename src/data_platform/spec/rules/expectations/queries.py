"""Expectations beyond single rows: their order, another table, a query of the team."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from data_platform.spec.rules import predicates as sql
from data_platform.spec.rules.expectations import arguments
from data_platform.spec.rules.expectations.declaration import Options, RowOptions, make_rule, register_expectation
from data_platform.spec.rules.model import OUTPUT, Query, Rule

if TYPE_CHECKING:
    from data_platform.spec.sql.text import SqlProblem

_SELF = sql.quote_identifier(OUTPUT)


@register_expectation("consistency")
def expect_column_values_to_be_increasing(
    column: str, strictly: bool | None = None, order_by: str | None = None, **options: Unpack[RowOptions]
) -> Rule:
    """In the order of the column `order_by` no value is less than the one before, with `strictly` none equal to it.

    `order_by` is ours and must be given: the rows of a table have no order of their own. Nulls are passed over. A value
    whose place is null is wrong; among equal places the values may be in the best order.
    """
    return _order_rule(column, strictly, order_by, "<", "ASC", options)


@register_expectation("consistency")
def expect_column_values_to_be_decreasing(
    column: str, strictly: bool | None = None, order_by: str | None = None, **options: Unpack[RowOptions]
) -> Rule:
    """In the order of the column `order_by` no value is greater than the one before, with `strictly` none equal to it.

    The same as expect_column_values_to_be_increasing otherwise.
    """
    return _order_rule(column, strictly, order_by, ">", "DESC", options)


def _order_rule(
    column: str, strictly: bool | None, order_by: str | None, sign: str, among_equals: str, options: RowOptions
) -> Rule:
    if order_by is None:
        raise ValueError("rows of a table have no order here: give order_by: COLUMN, the column that orders them")
    value, place = (
        sql.quote_identifier(arguments.check_column(column)),
        sql.quote_identifier(arguments.check_column(order_by)),
    )
    sign += "=" if strictly is not None and arguments.check_flag("strictly", strictly) else ""
    present = f"FROM {_SELF} WHERE {value} IS NOT NULL"
    before = f"lag({value}) OVER (ORDER BY {place}, {value} {among_equals})"
    pairs = f"SELECT {value} AS v, {place} AS place, {before} AS before {present} AND {place} IS NOT NULL"
    lost = f"(SELECT count(*) {present} AND {place} IS NULL)"
    query = f"SELECT count(*) + {lost} FROM ({pairs}) WHERE v {sign} before"
    columns = (column,) if order_by == column else (column, order_by)
    return make_rule(Query(query, f"SELECT count(*) {present}"), columns, options)


@register_expectation("coverage")
def expect_table_row_count_to_equal_other_table(other_table_name: str, **options: Unpack[Options]) -> Rule:
    """The table has as many rows as the declared input `PRODUCT.OUTPUT`; what is measured is how many more or fewer."""
    product, _, output = (arguments.check_text("other_table_name", other_table_name) or "").partition(".")
    if not product or not output or "." in output:
        raise ValueError(f"other_table_name must name a declared input as PRODUCT.OUTPUT, not {other_table_name!r}")
    other = f"{sql.quote_identifier(product)}.{sql.quote_identifier(output)}"
    query = f"SELECT abs((SELECT count(*) FROM {_SELF}) - (SELECT count(*) FROM {other}))"
    return make_rule(Query(query), (), options)


@register_expectation("conformity")
def unexpected_rows_expectation(unexpected_rows_query: str, **options: Unpack[Options]) -> Rule:
    """The SELECT, which reads the table as `{batch}` and declared inputs by their names, gives no row."""
    written = arguments.check_text("unexpected_rows_query", unexpected_rows_query)
    if written is None or _BATCH not in written:
        raise ValueError(f"unexpected_rows_query must be a SELECT that reads {_BATCH}, not {unexpected_rows_query!r}")
    # the parser of SQL takes 100 ms to load, and every command that draws quality loads the expectations
    from data_platform.spec.sql.guard import find_named_tables, parse
    from data_platform.spec.sql.rule_sql import check_rule_sql
    from data_platform.spec.sql.text import Refusal, strip_semicolon

    try:
        parse(written.replace(_BATCH, _SAME_LENGTH))  # so that an error has the columns of the text as it was written
        query = strip_semicolon(written.replace(_BATCH, _SELF))
        counted = f"SELECT count(*) FROM (\n{query}\n)"
        tables = {(table.db, table.name) for table in find_named_tables(parse(counted)) if table.db}
    except Refusal as refusal:
        raise ValueError(_explain_sql(refusal.problem)) from refusal
    for problem in check_rule_sql(counted, OUTPUT, tables):
        raise ValueError(_explain_sql(problem))
    return make_rule(Query(counted), (), options)


def _explain_sql(problem: SqlProblem) -> str:
    """The problem in the words of the query as it was written, and what to write instead."""
    message = f"unexpected_rows_query: {problem.message}{f'; {problem.hint}' if problem.hint else ''}"
    return message.replace(_SAME_LENGTH, _BATCH).replace(_SELF, _BATCH).replace(OUTPUT, _BATCH)


_BATCH, _SAME_LENGTH = "{batch}", '"batch"'
