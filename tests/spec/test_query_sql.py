"""SQL over the mesh: which tables it names, and what is no query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import QueryFailed
from data_platform.spec.query_sql import TableName, read_query


def named(sql: str) -> list[tuple[str | None, str]]:
    return [(table.product, table.output) for table in read_query(sql).tables]


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ('SELECT * FROM "orders-data-product".orders_fact', [("orders-data-product", "orders_fact")]),
        (
            "SELECT * FROM Orders.Orders_Fact o JOIN customers USING (id)",
            [(None, "customers"), ("orders", "orders_fact")],
        ),
        ("FROM t SELECT x", [(None, "t")]),
        ("SELECT (SELECT max(x) FROM p.a) FROM b WHERE x IN (SELECT x FROM c)", [(None, "b"), (None, "c"), ("p", "a")]),
        ("SELECT 1 UNION ALL SELECT x FROM t", [(None, "t")]),
        ("SELECT * FROM range(3), unnest([1]), (VALUES (1)) v(x)", []),
        ("WITH t AS (SELECT * FROM p.t) SELECT * FROM t", [("p", "t")]),
        ("WITH t AS (SELECT * FROM t) SELECT * FROM t", [(None, "t")]),
        ("WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b", []),
        ("WITH b AS (SELECT * FROM a), a AS (SELECT 1) SELECT * FROM b", [(None, "a")]),
        ("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 9) SELECT * FROM n", []),
        ("SELECT * FROM (WITH inside AS (SELECT 1) SELECT * FROM inside), inside", [(None, "inside")]),
        ("WITH a AS (SELECT 1) SELECT * FROM (SELECT * FROM A)", []),
    ],
)
def test_tables_are_told_from_with_queries_and_functions(sql: str, tables: list[tuple[str | None, str]]) -> None:
    assert named(sql) == tables


def test_a_name_may_pin_a_version_or_a_moment() -> None:
    sql = 'SELECT *\nFROM p."t#3" JOIN\n  "t@2026-01-31T09:30:00+01:00" USING (id) JOIN t USING (id)'
    pinned, newest, moment = read_query(sql).tables
    assert pinned == TableName(("p", "t#3"), "p", "t", 3, None, 2, 6)
    assert newest == TableName(("t",), None, "t", None, None, 3, 1 + sql.splitlines()[2].rindex("t USING"))
    when = "2026-01-31T09:30:00+01:00"
    assert moment == TableName((f"t@{when.lower()}",), None, "t", None, when, 3, 3)


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("", "the SQL is empty"),
        ("DROP TABLE t", "a query is one SELECT, and this begins with 'DROP'"),
        ("COPY t TO 'x'", "begins with 'COPY'"),
        ("ATTACH 'x'", "begins with 'ATTACH'"),
        ("PRAGMA database_list", "begins with 'PRAGMA'"),
        ("SET memory_limit = '1TB'", "begins with 'SET'"),
        ("SELECT 1; SELECT 2", "one SELECT, not 2 statements"),
        ("SELECT * FROM read_parquet('x')", "the function read_parquet is not allowed"),
        ("SELECT getenv('HOME')", "the function getenv is not allowed"),
        ("SELECT * FROM query('SELECT 1')", "the function query is not allowed"),
        ("SELECT * FROM duckdb_settings()", "duckdb_settings is not allowed"),
        ("SELECT * FROM a.b.c", "a.b.c has too many parts"),
        ("SELECT * FROM t AT (VERSION => 3)", "AT and FOR are not known here"),
        ("SELECT * FROM t WHERE x = ?", "no parameters"),
        ('WITH "/etc/passwd" AS (SELECT 1) SELECT * FROM "/etc/passwd"', "may not be named '/etc/passwd'"),
        ("SELECT * FROM t WHERE )", "line 1, column"),
        ("SELECT " + "(" * 50 + "1" + ")" * 50, "nested too deeply"),
    ],
)
def test_what_is_no_query_is_refused_with_its_reason(sql: str, reason: str) -> None:
    with pytest.raises(QueryFailed) as failure:
        read_query(sql)
    assert reason in str(failure.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(QueryFailed) as failure:
        read_query("SELECT ? FROM a.b.c JOIN t AT (VERSION => 2) ON true")
    assert "no parameters" in failure.value.message
    assert "a.b.c has too many parts" in failure.value.message
    assert 'write a version as "t#3"' in failure.value.message


@given(st.text(alphabet="selctfromwihtabu.,*()\"'@=;- \n123", max_size=60))
def test_hostile_text_is_a_query_or_is_refused(text: str) -> None:
    for sql in (text, f"SELECT {text}", f"SELECT * FROM {text}", f"WITH {text} SELECT 1"):
        try:
            query = read_query(sql)
        except QueryFailed:
            continue
        assert all(1 <= len(table.key) <= 2 for table in query.tables)
