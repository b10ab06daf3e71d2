"""Column lineage of SQL: exact where the text says it, more rather than less where it does not, and soon done."""

from __future__ import annotations

import time

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp
from sqlglot.errors import ParseError

from data_platform.errors import BadInput
from data_platform.lineage.columns import resolve_column_lineage
from data_platform.lineage.meaning import is_aggregate
from data_platform.lineage.uses import ELSEWHERE, ColumnUse
from tests.hypothesis_lanes import examples

TABLES = {"t": ["a", "b", "c", "l"], "u": ["a", "k", "z"], "orders.fact": ["id", "amount"]}


def traced(sql: str):
    return resolve_column_lineage(sqlglot.parse_one(sql, dialect="duckdb"), TABLES)


def told(uses: frozenset[ColumnUse[str]]) -> set[str]:
    return {f"{use.table}.{use.column} {use.subtype}{' masked' if use.masking else ''}" for use in uses}


def fields(sql: str) -> dict[str, set[str]]:
    return {name: told(uses) for name, uses in traced(sql).fields.items()}


def rows(sql: str) -> set[str]:
    return told(traced(sql).dataset)


def test_values_are_handed_on_changed_or_aggregated() -> None:
    assert fields("SELECT a, b + 1 AS x, max(c) AS m, 7 AS k FROM t GROUP BY ALL") == {
        "a": {"t.a IDENTITY"},
        "x": {"t.b TRANSFORMATION"},
        "m": {"t.c AGGREGATION"},
        "k": set(),
    }
    assert rows("SELECT a, b + 1 AS x, max(c) AS m FROM t GROUP BY ALL") == {"t.a GROUP_BY", "t.b GROUP_BY"}


def test_a_way_through_subqueries_is_as_strong_as_its_strongest_step() -> None:
    sql = "SELECT y AS z FROM (SELECT x AS y FROM (SELECT sum(a) + 1 AS x FROM t)) WHERE y > 0"
    assert fields(sql) == {"z": {"t.a AGGREGATION masked"}}
    assert rows(sql) == {"t.a FILTER masked"}


def test_hashes_counts_and_statistics_mask_and_handing_on_does_not() -> None:
    for masked in (
        "md5(a)",
        "sha256(a)",
        "hash(a)",
        "count(a)",
        "count(DISTINCT a)",
        "avg(a)",
        "a IS NULL",
        "upper(md5(a))",
    ):
        [uses] = traced(f"SELECT {masked} FROM t").fields.values()
        assert [use.hands_on for use in uses] == [False], masked
    for open_ in (
        "upper(a)",
        "max(a)",
        "first(a)",
        "list(a)",
        "string_agg(a, ',')",
        "mode(a)",
        "a::text",
        "lag(a) OVER ()",
    ):
        [uses] = traced(f"SELECT {open_} FROM t").fields.values()
        assert [use.hands_on for use in uses] == [True], open_
    both = traced("SELECT coalesce(md5(a), a) AS x FROM t").fields["x"]
    assert {use.hands_on for use in both} == {True, False}


def test_conditions_and_windows_decide_and_give_nothing() -> None:
    assert fields("SELECT CASE WHEN a > 1 THEN b ELSE c END AS x, if(a > 1, b, 0) AS y FROM t") == {
        "x": {"t.a CONDITIONAL", "t.b TRANSFORMATION", "t.c TRANSFORMATION"},
        "y": {"t.a CONDITIONAL", "t.b TRANSFORMATION"},
    }
    windowed = "SELECT sum(a) FILTER (WHERE b > 1) OVER w AS x, rank() OVER (PARTITION BY a ORDER BY c) AS r FROM t"
    assert fields(f"{windowed} WINDOW w AS (PARTITION BY c)") == {
        "x": {"t.a AGGREGATION masked", "t.b CONDITIONAL", "t.c WINDOW"},
        "r": {"t.a WINDOW", "t.c WINDOW"},
    }
    assert fields(
        "SELECT string_agg(a, ',' ORDER BY b) AS s, quantile_cont(0.5) WITHIN GROUP (ORDER BY c) AS q FROM t"
    ) == {
        "s": {"t.a AGGREGATION", "t.b SORT"},
        "q": {"t.c AGGREGATION"},
    }


def test_what_decides_about_rows_belongs_to_all() -> None:
    assert rows("SELECT a FROM t WHERE b > 1 QUALIFY row_number() OVER (ORDER BY c) = 1") == {
        "t.b FILTER",
        "t.c FILTER",
    }
    assert rows("SELECT a FROM t GROUP BY a HAVING max(b) > 1 ORDER BY min(c) LIMIT 1") == {
        *("t.a GROUP_BY", "t.b FILTER", "t.c SORT"),
    }
    assert rows("SELECT a AS b FROM t ORDER BY b") == {"t.a SORT"}
    assert rows("SELECT DISTINCT a FROM t") == {"t.a GROUP_BY"}
    assert rows("SELECT DISTINCT ON (b) a FROM t ORDER BY 1") == {"t.b GROUP_BY", "t.a SORT"}
    assert rows("SELECT a, unnest(l) FROM t") == {"t.l JOIN"}
    assert rows("SELECT a FROM t GROUP BY ROLLUP (a, b)") == {"t.a GROUP_BY", "t.b GROUP_BY"}


def test_joins_keep_both_keys_and_using_gives_one_column() -> None:
    assert fields("SELECT * FROM t JOIN u USING (a)") == {
        **{name: {f"t.{name} IDENTITY"} for name in "abcl"},
        **{name: {f"u.{name} IDENTITY"} for name in "kz"},
    }
    assert rows("SELECT * FROM t JOIN u USING (a)") == {"t.a JOIN", "u.a JOIN"}
    assert fields("SELECT a FROM t FULL JOIN u USING (a)") == {"a": {"t.a IDENTITY", "u.a IDENTITY"}}
    assert fields("SELECT a FROM t RIGHT JOIN u USING (a)") == {"a": {"u.a IDENTITY"}}
    assert fields("SELECT a, u.a AS ua FROM t NATURAL JOIN u") == {"a": {"t.a IDENTITY"}, "ua": {"u.a IDENTITY"}}
    assert list(fields("FROM t SEMI JOIN u ON t.a = u.k")) == ["a", "b", "c", "l"]
    assert rows("FROM t ANTI JOIN u ON t.a = u.k") == {"t.a JOIN", "u.k JOIN"}
    third = traced("SELECT * FROM t JOIN u USING (a) JOIN (SELECT a FROM u) AS v ON v.a = t.b")
    assert told(third.fields["a"]) == {"t.a IDENTITY", "u.a IDENTITY"}  # two columns of that name
    assert fields("SELECT x.a, k FROM (t AS x JOIN u USING (a)) WHERE z = 1") == {
        "a": {"t.a IDENTITY"},
        "k": {"u.k IDENTITY"},
    }


def test_subqueries_see_what_is_around_them() -> None:
    sql = """SELECT f.id, (SELECT max(z) FROM u WHERE u.k = f.amount) AS m,
                    EXISTS (SELECT z FROM u WHERE u.a = f.id) AS e
             FROM "orders".fact AS f WHERE f.id IN (SELECT k FROM u WHERE z > 3)"""
    assert fields(sql) == {
        "id": {"orders.fact.id IDENTITY"},
        "m": {"u.z AGGREGATION", "u.k FILTER", "orders.fact.amount FILTER"},
        "e": {"u.a CONDITIONAL", "orders.fact.id CONDITIONAL"},
    }
    assert rows(sql) == {"orders.fact.id FILTER", "u.k FILTER", "u.z FILTER"}
    assert fields("SELECT s.q, x.y FROM t, LATERAL (SELECT t.b) AS s(q), unnest(t.l) AS x(y)") == {
        "q": {"t.b IDENTITY"},
        "y": {"t.l TRANSFORMATION"},
    }


def test_unions_add_and_the_others_decide() -> None:
    assert fields("SELECT a FROM t UNION ALL SELECT z FROM u") == {"a": {"t.a IDENTITY", "u.z IDENTITY"}}
    assert rows("SELECT a FROM t UNION ALL SELECT z FROM u ORDER BY a") == {"t.a SORT", "u.z SORT"}
    assert rows("SELECT a FROM t UNION SELECT z FROM u") == {"t.a GROUP_BY", "u.z GROUP_BY"}
    assert fields("SELECT a, b FROM t UNION ALL BY NAME SELECT z, a FROM u") == {
        "a": {"t.a IDENTITY", "u.a IDENTITY"},
        "b": {"t.b IDENTITY"},
        "z": {"u.z IDENTITY"},
    }
    assert fields("SELECT a FROM t EXCEPT SELECT z FROM u") == {"a": {"t.a IDENTITY"}}
    assert rows("SELECT a FROM t EXCEPT ALL SELECT z FROM u") == {"u.z FILTER"}


def test_with_queries_shadow_tables_and_recursion_ends() -> None:
    assert fields("WITH t AS (SELECT z AS a FROM u) SELECT a FROM t") == {"a": {"u.z IDENTITY"}}
    walk = "SELECT a, b FROM t UNION ALL SELECT m, n + 1 FROM r JOIN u ON u.k = r.n"
    walk = f"WITH RECURSIVE r(n, m) AS ({walk}) SELECT n FROM r"
    assert fields(walk) == {"n": {f"t.{name} {kind}" for name in "ab" for kind in ("IDENTITY", "TRANSFORMATION")}}
    assert rows(walk) == {"t.a JOIN", "t.b JOIN", "u.k JOIN"}


def test_stars_structs_lambdas_and_aliases() -> None:
    assert fields("SELECT * EXCLUDE (a, l) REPLACE (b + 1 AS b) FROM t") == {
        "b": {"t.b TRANSFORMATION"},
        "c": {"t.c IDENTITY"},
    }
    assert fields("SELECT t.a.x.y AS s, t AS whole FROM t")["s"] == {"t.a TRANSFORMATION"}
    assert fields("SELECT list_transform(l, e -> e + a) AS f FROM t") == {
        "f": {"t.l TRANSFORMATION", "t.a TRANSFORMATION"}
    }
    assert fields("SELECT a + 1 AS x, x * 2 AS y FROM t WHERE x > 3")["y"] == {"t.a TRANSFORMATION"}
    assert fields("SELECT count(*) AS n, current_date AS d, v.q FROM t, (VALUES (1, 2)) AS v(p, q)") == {
        "n": set(),
        "d": set(),
        "q": set(),
    }


def test_what_the_text_does_not_show_may_come_from_everything() -> None:
    every = {f"t.{name} TRANSFORMATION" for name in "abcl"}
    assert fields("SELECT COLUMNS('a|b') FROM t") == {ELSEWHERE: every}
    assert fields("SELECT * FROM t PIVOT (sum(b) FOR a IN (1, 2))") == {ELSEWHERE: every}
    assert fields("SELECT x FROM (SELECT * FROM t PIVOT (sum(b) FOR a IN (1, 2))) AS p(x)") == {"x": every}
    assert fields("SELECT #1 AS first FROM t") == {"first": every}
    assert fields("SELECT e FROM t, unnest(l) AS e") == {"e": {"t.l TRANSFORMATION"}}


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT nope FROM t", "column nope"),
        ("SELECT t.nope FROM t JOIN u USING (a)", "column t.nope"),
        ("SELECT a FROM elsewhere", "table elsewhere"),
        ("SELECT a FROM t JOIN u USING (b)", "USING b"),
        ("SELECT a, b FROM t UNION SELECT z FROM u", "unites 2 with 1 columns"),
        ("DELETE FROM t", "DELETE is no query"),
    ],
)
def test_what_is_not_there_is_named(sql: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        traced(sql)


@pytest.mark.long
def test_text_that_means_2_to_the_50_columns_is_refused_soon() -> None:
    doubled = "".join(f", t{n} AS (SELECT * FROM t{n - 1} AS x, t{n - 1} AS y)" for n in range(1, 50))
    began = time.process_time()
    with pytest.raises(BadInput, match="too large to trace"):
        traced(f"WITH t0 AS (SELECT a FROM t){doubled} SELECT * FROM t49")
    assert time.process_time() - began < 5


def test_long_unions_and_long_chains_are_traced() -> None:
    assert fields(" UNION ALL ".join(["SELECT a FROM t"] * 2000)) == {"a": {"t.a IDENTITY"}}
    chain = "".join(f", t{n} AS (SELECT a + b AS a, b FROM t{n - 1})" for n in range(1, 300))
    assert fields(f"WITH t0 AS (SELECT a, b FROM t){chain} SELECT a FROM t299") == {
        "a": {"t.a TRANSFORMATION", "t.b TRANSFORMATION"}
    }


def test_a_query_nested_beyond_reason_is_bad_input() -> None:
    query: exp.Query = exp.select("a").from_("t")
    for _ in range(2000):
        query = exp.Select(expressions=[exp.column("a")]).from_(exp.Subquery(this=query), copy=False)
    with pytest.raises(BadInput, match="nested too deeply"):
        resolve_column_lineage(query, TABLES)


def test_every_aggregate_of_duckdb_is_known_as_one() -> None:
    with duckdb.connect() as connection:
        query = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'aggregate'"
        names = connection.execute(query).fetchall()
    unknown = [name for (name,) in names if not any(is_aggregate(node) for node in _called(name).walk())]
    assert unknown == []


def _called(name: str) -> exp.Expr:
    try:
        return sqlglot.parse_one(f"SELECT {name}(x)", dialect="duckdb").selects[0]
    except ParseError:
        return sqlglot.parse_one(f"SELECT {name}(x, y)", dialect="duckdb").selects[0]


_DUCK = duckdb.connect()

# every query below runs in DuckDB: what lineage does not name cannot change the result
_COLUMN = st.sampled_from(["a", "b", "c"])
_PROJECTION = st.one_of(
    _COLUMN,
    st.builds("{} + {} AS x".format, _COLUMN, _COLUMN),
    st.builds("CASE WHEN {} > 1 THEN {} END AS x".format, _COLUMN, _COLUMN),
    st.builds("max({}) OVER (PARTITION BY {} ORDER BY {}) AS x".format, _COLUMN, _COLUMN, _COLUMN),
    st.builds("(SELECT min(v.{0}) FROM v WHERE v.{1} = q.{2}) AS x".format, _COLUMN, _COLUMN, _COLUMN),
    st.builds("{0} IN (SELECT v.{1} FROM v) AS x".format, _COLUMN, _COLUMN),
)
_TAIL = st.one_of(
    st.just(""),
    st.builds("WHERE {} > {}".format, _COLUMN, _COLUMN),
    st.builds("WHERE EXISTS (SELECT 1 FROM v WHERE v.{} = q.{})".format, _COLUMN, _COLUMN),
    st.builds("QUALIFY row_number() OVER (ORDER BY {}, a, b, c) < 3".format, _COLUMN),
    st.builds("ORDER BY {}, a, b, c LIMIT 2".format, _COLUMN),
)
_SOURCE = st.one_of(
    st.just("w AS q"),
    st.builds("(SELECT {} AS a, {} AS b, c FROM w) AS q".format, _COLUMN, _COLUMN),
    st.builds("(SELECT w.a, v.b, w.c FROM w LEFT JOIN v ON w.{} = v.{}) AS q".format, _COLUMN, _COLUMN),
    st.builds("(SELECT {0} AS a, sum({1}) AS b, 1 AS c FROM w GROUP BY {0}) AS q".format, _COLUMN, _COLUMN),
    st.builds(
        "(SELECT a, b, c FROM w {} SELECT c, a, b FROM v) AS q".format,
        st.sampled_from(["UNION", "UNION ALL", "EXCEPT"]),
    ),
    st.builds("(SELECT DISTINCT ON ({0}) * FROM w ORDER BY {0}, a, b, c) AS q".format, _COLUMN),
)
_VALUES = st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=5)


@settings(max_examples=examples(60), deadline=None)
@given(_PROJECTION, _SOURCE, _TAIL, _VALUES, _VALUES, st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_a_column_that_is_not_named_changes_nothing(projection, source, tail, one, two, other) -> None:
    sql = f"SELECT {projection} FROM {source} {tail}"
    lineage = resolve_column_lineage(sqlglot.parse_one(sql, dialect="duckdb"), {"w": list("abc"), "v": list("abc")})
    [name] = lineage.fields
    used = {(use.table, use.column) for use in lineage.of(name)}
    before = _answers(sql, one, two)
    for table, values in (("w", one), ("v", two)):
        for at, column in enumerate("abc"):
            if (table, column) not in used:
                changed = [(*row[:at], new, *row[at + 1 :]) for row, new in zip(values, other, strict=False)]
                after = _answers(sql, changed if table == "w" else one, changed if table == "v" else two)
                assert after == before, (sql, table, column)


def _answers(sql: str, w: list, v: list) -> list:
    tables = (f"{name}(a, b, c) AS (VALUES {', '.join(map(str, rows))})" for name, rows in (("w", w), ("v", v)))
    return sorted(_DUCK.sql(f"WITH {', '.join(tables)} {sql}").fetchall(), key=repr)
