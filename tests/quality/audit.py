"""Runs a rule over a small table in DuckDB, so that tests see what its SQL finds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from data_platform.engine.worker.values import to_number
from data_platform.quality.judge import has_wrong_rows, judge
from data_platform.quality.plan import plan
from data_platform.quality.verdict import RuleResult
from data_platform.spec.rules.model import Rule

TABLE = "t"


def audit(rule: Rule, data: pa.Table | Mapping[str, list[Any]]) -> RuleResult:
    """The result with its failing rows."""
    table = data if isinstance(data, pa.Table) else pa.table(dict(data))
    planned = plan(rule, TABLE)
    connection = _connection()
    connection.register(TABLE, table)
    value, whole = (
        sql and to_number(connection.execute(sql).fetchall()[0][0]) for sql in (planned.value_sql, planned.whole_sql)
    )
    result = judge(rule, value, whole=whole)
    if not has_wrong_rows(result) or planned.rows_sql is None:
        return result
    cursor = connection.execute(planned.rows_sql)
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    return judge(rule, value, whole=whole, rows=rows)


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("CREATE SCHEMA shop; CREATE TABLE shop.orders AS SELECT 1 AS id UNION ALL SELECT 2")
    return connection


def measured(rule: Rule, data: pa.Table | Mapping[str, list[Any]]) -> int | float | None:
    """The number that the rule measures."""
    return audit(rule, data).value
