"""Rule SQL: what a domain team may write, and what is refused before anything runs."""

from __future__ import annotations

import re
import time

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.spec.sql.functions import TABLE_FUNCTIONS, is_denied
from data_platform.spec.sql.rule_sql import build_failing_rows_sql, check_rule_sql, strip_semicolon

INPUTS = [("customers-data-product", "customers_dim")]
DIM = '"customers-data-product".customers_dim'


def errors(sql: str) -> list[str]:
    return [problem.message for problem in check_rule_sql(sql, "orders_fact", INPUTS) if not problem.warning]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) FROM orders_fact WHERE order_id IS NULL",
        "select count(*) from ORDERS_FACT where total_amount < 0;  -- negative",
        'SELECT count(*) FROM "orders_fact" AS o',
        f"SELECT count(*) FROM orders_fact o LEFT JOIN {DIM} c USING (customer_id) WHERE c.customer_id IS NULL",
        f"SELECT count(*) FROM orders_fact WHERE customer_id NOT IN (SELECT customer_id FROM {DIM})",
        "WITH bad AS (SELECT * FROM orders_fact WHERE qty < 0), worse AS (FROM bad) SELECT count(*) FROM worse",
        "WITH RECURSIVE r AS (SELECT 1 AS x UNION SELECT x + 1 FROM r WHERE x < 3) SELECT count(*) FROM r, orders_fact",
        "FROM orders_fact SELECT count(*)",
        "(SELECT count(*) FROM orders_fact) UNION ALL SELECT 0 FROM orders_fact LIMIT 1",
        "SELECT count(*) FROM (SELECT order_id FROM orders_fact GROUP BY ALL HAVING count(*) > 1)",
        "SELECT count(*) FROM orders_fact, unnest(items) AS u(item) WHERE item.price < 0",
        "SELECT count(*) FROM orders_fact, range(3) AS r(i)",
        "SELECT count(*) FROM orders_fact JOIN (VALUES (1), (2)) AS v(a) ON a = qty",
        "SELECT count(*) FROM orders_fact, LATERAL (SELECT qty * 2) AS d(q)",
        "SELECT count(*) FROM orders_fact, json_each(lines)",
        "SELECT count(*) FILTER (WHERE regexp_matches(email, '^[^@]+@')) FROM orders_fact",
        "SELECT max(x) FROM (SELECT sum(qty) OVER (PARTITION BY customer_id) AS x FROM orders_fact)",
        "SELECT CASE WHEN max(created_at) < now() - INTERVAL 1 DAY THEN 1 ELSE 0 END FROM orders_fact",
        "SELECT count(*) FROM orders_fact WHERE len(list_filter(tags, lambda t: t = '')) > 0",
        "SELECT count(*) FROM orders_fact WHERE status = 'COPY; DROP TABLE x' -- ATTACH",
        "SELECT count(*) FROM orders_fact AS o WHERE o.current_role IS NULL AND user IS NULL",
        "SELECT count(*) FROM orders_fact WHERE created_at < current_date AND created_at < current_timestamp",
    ],
)
def test_honest_rules_pass(sql: str) -> None:
    assert check_rule_sql(sql, "orders_fact", INPUTS) == []


@pytest.mark.parametrize(
    "sql",
    [
        # files
        "SELECT count(*) FROM 'a.csv'",
        'SELECT count(*) FROM "a.csv"',
        "SELECT count(*) FROM orders_fact, '/etc/passwd'",
        "SELECT count(*) FROM orders_fact UNION FROM 'a.parquet'",
        "SELECT count(*) FROM orders_fact POSITIONAL JOIN 'a.csv'",
        "SELECT count(*) FROM (PIVOT 'a.csv' ON a USING sum(b))",
        "SELECT count(*) FROM ((('a.csv')))",
        "WITH x AS (FROM 'a.csv') SELECT count(*) FROM orders_fact",
        'WITH "a.csv" AS (SELECT 1) SELECT (SELECT count(*) FROM "a.csv") FROM orders_fact',
        "SELECT count(*) FROM read_csv('a.csv')",
        "SELECT count(*) FROM READ_PARQUET ('a')",
        "SELECT count(*) FROM \"read_text\"('a')",
        "SELECT count(*) FROM main.read_blob('a')",
        "SELECT count(*) FROM system.main.glob('*')",
        "SELECT count(*) FROM orders_fact, LATERAL read_json('a')",
        "SELECT (SELECT content FROM read_text /* c */ ('a'))",
        "SELECT count(*) FROM sniff_csv('a')",
        "SELECT count(*) FROM parquet_metadata('a')",
        "SELECT count(*) FROM sqlite_scan('a', 'b')",
        "SELECT count(*) FROM postgres_query('a', 'b')",
        # settings, environment, catalog
        "SELECT getenv('HOME') FROM orders_fact",
        "SELECT 'HOME'.getenv() FROM orders_fact",
        "SELECT current_setting('memory_limit') FROM orders_fact",
        "SELECT orders_fact.current_setting('x') FROM orders_fact",
        "SELECT getvariable('x') FROM orders_fact",
        "SELECT count(*) FROM duckdb_settings()",
        "SELECT count(*) FROM duckdb_secrets()",
        "SELECT count(*) FROM which_secret('s3://x', 's3')",
        "SELECT count(*) FROM pragma_database_size()",
        "SELECT count(*) FROM information_schema.tables",
        "SELECT count(*) FROM pg_catalog.pg_class",
        "SELECT count(*) FROM duckdb_tables",
        "SELECT count(*) FROM orders_fact, duckdb_tables AS orders_fact2",
        "WITH duckdb_tables AS (FROM orders_fact) SELECT count(*) FROM duckdb_tables",
        "WITH RECURSIVE duckdb_tables AS (FROM duckdb_tables UNION ALL FROM duckdb_tables) SELECT 1 FROM duckdb_tables",
        "WITH sqlite_master AS (FROM sqlite_master) SELECT count(*) FROM sqlite_master",
        "WITH RECURSIVE a AS (FROM a) SELECT count(*) FROM a, orders_fact",
        "WITH RECURSIVE a AS (FROM a UNION ALL SELECT 1) SELECT count(*) FROM a, orders_fact",
        "WITH RECURSIVE a AS (SELECT 1 UNION ALL FROM a UNION ALL SELECT 2) SELECT count(*) FROM a, orders_fact",
        "WITH RECURSIVE a AS (SELECT 1 EXCEPT FROM a) SELECT count(*) FROM a, orders_fact",
        "WITH RECURSIVE b AS (FROM a), a AS (SELECT 1) SELECT count(*) FROM b, orders_fact",
        "SELECT count(*) FROM (WITH a AS (SELECT 1) FROM a), a, orders_fact",
        "SELECT current_catalog FROM orders_fact",
        'SELECT "Current_Catalog" FROM orders_fact',
        "SELECT count(*) FROM orders_fact WHERE current_schema = 'main'",
        "SELECT current_role FROM orders_fact",
        "SELECT session_user FROM orders_fact",
        "SELECT current_user FROM orders_fact",
        "SELECT current_database() FROM orders_fact",
        "SELECT count(*) FROM (SHOW TABLES)",
        "SELECT count(*) FROM (DESCRIBE orders_fact)",
        "SELECT count(*) FROM (SUMMARIZE orders_fact)",
        # text run as SQL
        "SELECT count(*) FROM query('SELECT 1')",
        "SELECT count(*) FROM query_table('orders_fact')",
        "SELECT json_execute_serialized_sql('x') FROM orders_fact",
        # other statements
        "SELECT 1; SELECT 2",
        "SELECT 1; COPY orders_fact TO 'x'",
        "COPY orders_fact TO 'x'",
        "COPY (SELECT 1) TO 'x'",
        "ATTACH 'x.db'",
        "DETACH x",
        "PRAGMA database_list",
        "SET memory_limit = '1TB'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CALL enable_logging()",
        "EXPORT DATABASE 'x'",
        "INSERT INTO orders_fact VALUES (1)",
        "CREATE TABLE x AS SELECT 1",
        "DROP TABLE orders_fact",
        "EXPLAIN SELECT 1",
        "DESCRIBE orders_fact",
        "SUMMARIZE orders_fact",
        "PIVOT orders_fact ON a USING sum(b)",
        "VALUES (1)",
        "TABLE orders_fact",
        "SELECT (TABLE orders_fact)",
        "WITH x AS (DELETE FROM orders_fact RETURNING *) SELECT count(*) FROM x",
        # tables that nobody declared, or not of this version
        "SELECT count(*) FROM customers_dim",
        "SELECT count(*) FROM orders_facts",
        "SELECT count(*) FROM main.orders_fact",
        "SELECT count(*) FROM a.b.c.d",
        f"SELECT count(*) FROM x.{DIM}",
        "SELECT count(*) FROM orders_fact AT (VERSION => 1)",
        "WITH orders_fact AS (SELECT 1) SELECT count(*) FROM orders_fact",
        "SELECT count(*) FROM repeat('x', 3)",
        # not one number, not SQL
        "SELECT a, b FROM orders_fact",
        "SELECT count(*) FROM orders_fact WHERE a = $1",
        "SELECT count(*) FROM orders_fact WHERE a = ?",
        "SELECT count(*) FROM ${table}",
        "SELECT count(* FROM orders_fact",
        "SELECT 'open FROM orders_fact",
        "SELECT 1 /* open",
        "SELECT 1 \x00",
        "SELECT '\ud800' FROM orders_fact",
        "",
        " ; ",
        "-- nothing",
        "nonsense",
    ],
)
def test_everything_else_is_refused(sql: str) -> None:
    assert errors(sql)


def test_an_error_says_what_to_write_instead() -> None:
    (problem,) = check_rule_sql("SELECT count(*) FROM customers_dim", "orders_fact", INPUTS)
    assert problem.message == "the SQL reads customers_dim, which the rule cannot see"
    assert problem.hint is not None
    assert DIM in problem.hint
    (problem,) = check_rule_sql("SELECT count(*) FROM orders_facts", "orders_fact", INPUTS)
    assert "it can read orders_fact;" in str(problem.hint)
    (problem,) = check_rule_sql("SELECT count(*)\nFROM orders_fact WHERE )", "orders_fact")
    assert "line 2" in problem.message
    assert "\x1b" not in problem.message


def test_a_rule_that_does_not_read_its_table_is_doubtful() -> None:
    for sql in ("SELECT 0", f"SELECT count(*) FROM {DIM}", "WITH x AS (SELECT 1) SELECT count(*) FROM x"):
        (problem,) = check_rule_sql(sql, "orders_fact", INPUTS)
        assert problem.warning
        assert problem.message == "the SQL does not read orders_fact"


DEEP = {
    "brackets": ("(", "1", ")"),
    "not": ("NOT ", "1", ""),
    "minus": ("- ", "1", ""),
    "types": ("DATE (", "1", ")"),
    "decimals": ("DECIMAL (", "1", ")"),
    "calls": ("f(", "1", ")"),
    "cases": ("CASE WHEN ", "1", " THEN 1 END"),
    "subqueries": ("(SELECT ", "1", ")"),
    "lists": ("[", "1", "]"),
    "structs": ("{'a': ", "1", "}"),
    "casts": ("", "1", "::INT"),
    "open": ("(", "1", ""),
    "sums": ("1 + ", "1", ""),
    "commas": ("1, ", "1", ""),
}


@pytest.mark.long
@pytest.mark.parametrize("shape", DEEP)
@pytest.mark.parametrize("times", [10, 25, 300, 20_000, 400_000])
def test_no_nesting_and_no_length_takes_long_or_breaks_the_parser(shape: str, times: int) -> None:
    before, middle, after = DEEP[shape]
    sql = f"SELECT {before * times}{middle}{after * times} FROM orders_fact"
    start = time.process_time()
    problems = check_rule_sql(sql, "orders_fact")
    build_failing_rows_sql(sql, "orders_fact")
    assert time.process_time() - start < 15  # nothing explodes
    if times > 1000:
        assert problems
        assert all(len(problem.message) < 300 for problem in problems)


PIECES = st.sampled_from(re.findall(r"\S+", "( ) , ' \" -- /* */ ; SELECT FROM x . * $$ [ ] { } E' DATE WITH AS"))


@given(st.text(max_size=60) | st.lists(PIECES, max_size=25).map(" ".join))
def test_no_text_breaks_the_check(sql: str) -> None:
    check_rule_sql(sql, "orders_fact", INPUTS)
    build_failing_rows_sql(sql, "orders_fact")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (
            "SELECT COUNT(*) FROM orders_fact WHERE order_id IS NULL",
            'SELECT "orders_fact".* FROM orders_fact WHERE order_id IS NULL LIMIT 20',
        ),
        (
            f"SELECT COUNT(*) AS n FROM orders_fact o LEFT JOIN {DIM} c USING (id) WHERE c.id IS NULL;",
            f'SELECT "o".* FROM orders_fact AS o LEFT JOIN {DIM} AS c USING (id) WHERE c.id IS NULL LIMIT 20',
        ),
        (
            f"WITH known AS (SELECT id FROM {DIM}) SELECT count(1) FROM orders_fact WHERE id NOT IN (FROM known)",
            f"WITH known AS (SELECT id FROM {DIM}) "
            'SELECT "orders_fact".* FROM orders_fact WHERE NOT id IN ((SELECT * FROM known)) LIMIT 20',
        ),
    ],
)
def test_the_rows_that_a_count_counts(sql: str, rows: str) -> None:
    found = build_failing_rows_sql(sql, "orders_fact")
    assert found is not None
    assert found.replace("((", "(").replace("))", ")") == rows.replace("((", "(").replace("))", ")")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) FROM orders_fact",
        "SELECT COUNT(DISTINCT id) FROM orders_fact WHERE a",
        "SELECT COUNT(id) FROM orders_fact WHERE a",
        "SELECT COUNT(*) + 1 FROM orders_fact WHERE a",
        "SELECT SUM(a) FROM orders_fact WHERE a > 0",
        "SELECT COUNT(*) FROM orders_fact WHERE a GROUP BY b",
        "SELECT COUNT(*) FROM orders_fact WHERE a HAVING count(*) > 1",
        "SELECT COUNT(*) FROM (SELECT email AS x FROM orders_fact) WHERE x IS NULL",
        "WITH w AS (FROM orders_fact) SELECT COUNT(*) FROM w WHERE a",
        f"SELECT COUNT(*) FROM {DIM} AS orders_fact WHERE a",
        "SELECT COUNT(*) FROM orders_fact a JOIN orders_fact b USING (id) WHERE a.x <> b.x",
        "SELECT COUNT(*) FROM orders_fact WHERE a UNION SELECT 1",
        "SELECT COUNT(*) FROM orders_fact WHERE a; SELECT 1",
    ],
)
def test_other_shapes_have_no_rows_to_show(sql: str) -> None:
    assert build_failing_rows_sql(sql, "orders_fact") is None


def test_a_statement_loses_its_semicolon_and_nothing_else() -> None:
    assert strip_semicolon("SELECT ';' -- ; \n;; -- end ;") == "SELECT ';'"
    assert strip_semicolon("  SELECT 1") == "  SELECT 1"


RISKY = re.compile("env|setting|secret|file|read_|write|log|query|sql|resource|http|load|path")
REVIEWED = {
    # They compute on their arguments alone.
    *("log", "log10", "log2", "logical", "kernel", "parse_dirpath", "parse_path", "path_join", "parse_filename"),
    *("json_extract_path", "json_extract_path_text", "hive_partition_component", "age"),
}


def test_no_function_of_this_duckdb_that_sounds_risky_is_allowed_unseen() -> None:
    with duckdb.connect() as connection:
        named = connection.execute("SELECT DISTINCT function_name, function_type FROM duckdb_functions()").fetchall()
    calls = {name for name, kind in named if kind in ("scalar", "aggregate", "macro")}
    risky = {name for name in calls if RISKY.search(name.lower())}
    assert {name for name in risky if not is_denied(name)} - REVIEWED == set()
    tables = {name for name, kind in named if kind in ("table", "table_macro", "pragma")}
    for name in sorted(tables - TABLE_FUNCTIONS):
        assert errors(f"SELECT count(*) FROM orders_fact, {name}('x')"), name
