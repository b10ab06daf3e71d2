"""SQL over the mesh: which tables it names, and what is no query."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import QueryFailed
from data_platform.spec.sql.query import TableName, read_query
from tests.hypothesis_lanes import examples


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


NAMES = ["a", "b", "c"]


@st.composite
def nested(draw: st.DrawFn, depth: int = 3) -> str:
    """SELECTs over tables and WITH queries of the same few names, nested as one likes."""
    name, other = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
    kind = draw(st.integers(0, 4)) if depth else 0
    if kind == 0:
        return f"SELECT x FROM {name}"
    inner = draw(nested(depth - 1))
    if kind == 1:
        operator = draw(st.sampled_from(["UNION ALL", "UNION", "EXCEPT", "INTERSECT"]))
        union = f"{inner} {operator} {draw(nested(depth - 1))}"
        return union if draw(st.booleans()) else f"({union})"
    if kind == 2:
        return f"SELECT q.x FROM ({inner}) AS q, {name} AS t WHERE t.x = 9"
    if kind == 3:
        return f"SELECT x FROM {name} AS t WHERE EXISTS ({inner})"
    queries = [f"{name}(x) AS ({inner})"]
    if other != name:
        queries.append(f"{other}(x) AS ({draw(nested(depth - 1))})")
    recursive = draw(st.sampled_from(["", "RECURSIVE "]))
    return f"(WITH {recursive}{', '.join(queries)} {draw(nested(depth - 1))})"


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name in NAMES:
        connection.execute(f"CREATE TABLE {name} AS SELECT 1 AS x")
    connection.execute(
        "SET disabled_optimizers = 'empty_result_pullup,statistics_propagation,filter_pushdown,unused_columns'"
    )
    return connection


@settings(deadline=None, max_examples=examples(150))
@given(sql=nested())
def test_every_table_that_the_engine_reads_is_named(engine: duckdb.DuckDBPyConnection, sql: str) -> None:
    sql = f"SELECT * FROM ({sql}) AS q"
    try:
        plan = str(engine.execute(f"EXPLAIN (FORMAT json) {sql}").fetchall()[0][1])
    except duckdb.Error:
        return  # a recursion that DuckDB does not know
    scanned = set(re.findall(r'"Table": "(?:memory.main.)?([abc])"', plan))
    try:
        tables = read_query(sql).tables
    except QueryFailed as refusal:
        assert "may not precede a query in parentheses" in str(refusal)
    else:
        assert scanned <= {table.output for table in tables}


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
        ("WITH RECURSIVE duckdb_views AS (FROM duckdb_views) FROM duckdb_views", "as DuckDB's catalog is"),
        ("WITH sqlite_master AS (SELECT 1) FROM sqlite_master", "as DuckDB's catalog is"),
        ("WITH a AS (SELECT 1) (WITH t AS (SELECT 2) SELECT * FROM t)", "in parentheses that has its own"),
        ("WITH a AS (SELECT 1) ((WITH t AS (SELECT 2) FROM t) UNION SELECT 1)", "in parentheses that has its own"),
        ("SELECT current_catalog", "current_catalog is not allowed in a query"),
        ('SELECT "current_schema" FROM t', "current_schema is not allowed in a query"),
        ("SELECT [session_user] FROM t", "session_user is not allowed in a query"),
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


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("SELECT * FROM trips@0", "trips@0"),
        ("SELECT * FROM trips.fares@1#3 AS f", "trips.fares@1#3"),
        ('SELECT * FROM "trips".fares@1', "trips.fares@1"),
        ("SELECT * FROM fares#7 JOIN b ON true", "fares#7"),
        ("SELECT * FROM a JOIN orders-product.fact USING (id)", "orders-product.fact"),
        ("SELECT * FROM fares@2026-01-31", "fares@2026-01-31"),
        ("FROM orders-product", "orders-product"),
    ],
)
def test_a_name_that_lacks_its_quotes_is_answered_with_them(sql: str, name: str) -> None:
    with pytest.raises(QueryFailed, match="is not in double quotes") as refused:
        read_query(sql)
    assert refused.value.hint == f'write FROM "{name}"'
    assert [table.output for table in read_query(f'SELECT * FROM "{name}"').tables]


@pytest.mark.parametrize("sql", ["SELECT * FROM t WHERE a = 'from x@1' AND b = ?", "SELECT a -- from x@1\n FROM"])
def test_words_in_texts_and_comments_are_no_names(sql: str) -> None:
    with pytest.raises(QueryFailed) as refused:
        read_query(sql)
    assert "double quotes" not in str(refused.value)
