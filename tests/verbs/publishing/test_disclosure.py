"""No finding of a rule tells a value of personal data, whatever its SQL: looked for by chance, around a canary."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.engine.source import ParquetSource
from data_platform.engine.worker import SqlWorker
from data_platform.quality.verdict import RuleResult
from data_platform.spec.rules.model import Aggregate, Bound, Measure, Operator, Rule, SqlMeasure, Wrong
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema
from data_platform.spec.sql.rule_sql import check_rule_sql
from data_platform.verbs.contracts.consumer_expectations import NOT_JUDGED
from data_platform.verbs.publishing.rule_runner import RuleRunner
from tests.meshes import World

SALARY, EMAIL = 97531, "CANARY-7@example.org"
CANARIES = ("97531", "97530", "97532", "97533", "195062", "CANARY", "example.org")
ROWS = {"id": [1, 2, 3], "tag": [7, 8, 9], "email": [EMAIL, "a", None], "salary": [SALARY, 5, 6]}
LONG, TEXT = Primitive(Kind.LONG), Primitive(Kind.STRING)
SCHEMA = TableSchema(
    (
        SchemaColumn("id", LONG),
        SchemaColumn("tag", LONG),
        SchemaColumn("email", TEXT, tags=("pii",)),
        SchemaColumn("salary", LONG, tags=("pii",)),
    )
)

COLUMNS = ["id", "tag", "email", "salary", "t.salary", '"Salary"', "a", "b", "c", "x.a", "t", "x", "#4", "*", "1", "n"]
VALUES = [
    *(
        "{c}",
        "MAX({c})",
        "{c} + 1",
        "least({c}, {c})",
        "length(email)",
        "CAST({c} AS INTEGER)",
        "CASE WHEN {c} > 2 THEN {c} END",
    ),
    *(
        "(SELECT MAX({c}) FROM t)",
        "unnest(range({c}))",
        "repeat('x', {c})",
        "error({c})",
        "row_number() OVER (ORDER BY {c})",
    ),
    *(
        "struct_pack(v := {c}).v",
        "[{c}][1]",
        "list({c})[1]",
        "string_agg({c}, ',')",
        "min_by({c}, {c})",
        "to_json({c})",
    ),
    *("COLUMNS('sal.*')", "histogram({c})", "{c} % 2", "nullif({c}, 0)", "count({c})", "sum({c})", "hash({c}) % 100"),
]
SOURCES = [
    *(
        "t",
        "t AS x",
        "t AS x(a, b, c, n)",
        "(FROM t) AS x(a, b, c, n)",
        "(SELECT {v} AS a FROM t) AS x",
        "t, t AS x",
        "(t) AS x(a, b, c, n)",
    ),
    *(
        "t, range({v}) AS x(a)",
        "t, range((SELECT MAX(salary) FROM t)) AS x(a)",
        "t CROSS JOIN LATERAL (SELECT {v} AS a) AS x",
    ),
    *("t NATURAL JOIN (SELECT {v} AS id FROM t)", "t JOIN t AS x USING (id)", "t JOIN t AS x ON {v} >= x.id"),
    *(
        "(VALUES ((SELECT MAX(salary) FROM t))) AS x(a)",
        "(SELECT id AS a FROM t UNION ALL SELECT salary FROM t) AS x",
        "unnest([97]) AS x(a), t",
    ),
    *(
        "(SELECT id AS a FROM t, range(100000) LIMIT (SELECT MAX(salary) FROM t)) AS x",
        "generate_series(1, (SELECT MAX(salary) FROM t)) AS x(a), t",
    ),
    "(UNPIVOT t ON id, tag, salary INTO NAME n VALUE a) AS x",
]
MEASURES = [
    *(
        "COUNT(*)",
        "COUNT({v})",
        "COUNT(DISTINCT {v})",
        "{v}",
        "SUM(CASE WHEN {v} > 0 THEN 1 ELSE 0 END)",
        "COUNT(*) FILTER (WHERE {v} > 0)",
    ),
    *("1e2 * COUNT({v}) / COUNT(*)", "COUNT({v}) + 2 * COUNT({v})", "SUM({v})", "MAX({v})", "COUNT_IF({v} > 1)"),
]
ENDS = [
    *("", " WHERE true", " WHERE {v} > 0", " WHERE id <= {v}", " WHERE email LIKE 'C%'"),
    " WHERE EXISTS (SELECT 1 FROM t AS y WHERE y.salary > t.id)",
]
WITHS = [
    *("", "WITH x AS (SELECT {v} AS a, id FROM t) ", "WITH x(a, b, c, n) AS (FROM t) "),
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM x, t WHERE a < salary AND a < 98000) ",
]


@st.composite
def queries(draw: st.DrawFn) -> str:
    """SQL that may be a rule: most of it is refused or fails, and some tells a value."""

    def filled(template: str, depth: int = 0) -> str:
        while "{v}" in template:
            inner = draw(st.sampled_from(VALUES)) if depth < 2 else "{c}"
            template = template.replace("{v}", filled(inner, depth + 1), 1)
        while "{c}" in template:
            template = template.replace("{c}", draw(st.sampled_from(COLUMNS)), 1)
        return template

    start, measure = filled(draw(st.sampled_from(WITHS))), filled(draw(st.sampled_from(MEASURES)))
    source = "x, t" if start and draw(st.booleans()) else filled(draw(st.sampled_from(SOURCES)))
    return f"{start}SELECT {measure} FROM {source}{filled(draw(st.sampled_from(ENDS)))}"


@pytest.fixture(scope="module")
def runner() -> Iterator[RuleRunner]:
    with SqlWorker(threads=1) as worker:
        yield RuleRunner(worker, rule_seconds=5)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> ParquetSource:
    table, path = pa.table(ROWS), tmp_path_factory.mktemp("rows") / "rows.parquet"
    pq.write_table(table, path)
    return ParquetSource((str(path),), table.schema, rows=3)


def told(result: RuleResult) -> str:
    return json.dumps([result.value, result.error, [dict(row) for row in result.rows]], default=str)


def findings(runner: RuleRunner, source: ParquetSource, *measures: Measure) -> list[RuleResult]:
    bound = Bound(Operator.LESS_OR_EQUAL, 0)
    rules = [Rule(f"r{number}", measure, bound) for number, measure in enumerate(measures)]
    return list(runner.evaluate({("t",): source}, "t", SCHEMA, rules).results)


@pytest.mark.long
@settings(max_examples=10, deadline=None)
@given(texts=st.lists(queries(), min_size=10, max_size=10))
def test_no_rule_tells_a_value(runner: RuleRunner, source: ParquetSource, texts: list[str]) -> None:
    asked = [SqlMeasure(text) for text in texts if not [p for p in check_rule_sql(text, "t") if not p.warning]]
    for result in findings(runner, source, *asked) if asked else ():
        assert not [canary for canary in CANARIES if canary in told(result)], (result.rule.measure, told(result))


def test_rules_of_ours_tell_counts_alone(runner: RuleRunner, source: ParquetSource) -> None:
    wrong, both, most = findings(
        runner, source, Wrong('"salary" > 6'), Wrong('"id" <= "salary"'), Aggregate('max("salary")')
    )
    assert (wrong.value, [row["id"] for row in wrong.rows]) == (1, [1])
    assert wrong.rows[0]["salary"] == "***"
    assert (both.value, both.rows, both.passed) == (None, (), False)
    assert (most.value, most.passed) == (None, False)


SPYING = """\
inputs:
  - data_product: orders
    output: t
    expectations:
      rules:
        - {{rule: peek, sql: "{sql}", threshold: 0}}
        - {{rule: filled, metric: nullValues, column: email, mustBe: 0}}
        - {{rule: some, metric: rowCount, mustBeGreaterThan: 5}}
        - {{rule: tags, sql: "SELECT COUNT(*) FROM t WHERE tag > 0", threshold: 0}}
"""
PERSONAL = {"id": {"type": "integer"}, "tag": {"type": "integer"}, "email": {"type": "string", "tags": ["pii"]}}
PEEKING = [
    "SELECT COUNT(*) FROM t AS x(tag, email, id) WHERE true",
    "SELECT COUNT(*) FROM t WHERE email IS NOT NULL",
    "SELECT COUNT(*) FROM (FROM t) AS x(tag, email, id)",
    "SELECT MAX(length(x.email)) FROM t AS x",
]


@pytest.mark.parametrize("sql", PEEKING)
def test_another_products_rule_over_personal_data_is_not_judged_and_says_so(world: World, sql: str) -> None:
    world.product(columns=PERSONAL).register()
    registered = world.product("spy", owner="bea@x", more=SPYING.format(sql=sql)).register()
    assert [w for w in registered.warnings if w.startswith("the expectation")] == [
        f"the expectation peek on orders.t is {NOT_JUDGED}",
        f"the expectation filled on orders.t is {NOT_JUDGED}",
    ]
    rows = [{"id": number, "tag": 7, "email": f"CANARY-{number}@example.org"} for number in (1, 2)]
    done = world.product(columns=PERSONAL).publish("t", rows)
    assert [w for w in done.warnings if "expectation" in w] == [
        f"the expectation spy: peek is {NOT_JUDGED}",
        f"the expectation spy: filled is {NOT_JUDGED}",
    ]
    judged = {result.rule.name: (result.value, result.rows) for result in done.quality.results}
    assert judged == {
        "spy: some": (2, ()),
        "spy: tags": (2, tuple({"id": n, "tag": 7, "email": "***"} for n in (1, 2))),
    }
    status = {rule.rule: rule for rule in world.platform.quality_metrics("orders").rules}
    assert status["spy: peek"].error == status["spy: filled"].error == NOT_JUDGED
    assert status["spy: some"].error is None
    for file in world.home.glob("record.db*"):
        assert b"CANARY" not in file.read_bytes()


def test_another_products_rule_sees_masks_even_if_it_is_taken_for_harmless(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_platform.verbs.contracts.consumer_expectations.may_read", lambda rule, masked: False)
    monkeypatch.setattr("data_platform.quality.protect.may_read", lambda rule, masked: False)
    world.product(columns=PERSONAL).register()
    world.product("spy", owner="bea@x", more=SPYING.format(sql=PEEKING[3])).register()
    done = world.product(columns=PERSONAL).publish("t", [{"id": 1, "tag": 7, "email": "CANARY@example.org"}])
    (peek,) = (result for result in done.quality.results if result.rule.name == "spy: peek")
    assert peek.value == len("***")


def test_a_consumer_cannot_block_by_a_rule_that_is_not_judged(world: World) -> None:
    world.product(columns=PERSONAL).register()
    world.product("spy", owner="bea@x", more=SPYING.format(sql=PEEKING[0])).register()
    assert world.product(columns=PERSONAL).publish("t", [{"id": 1, "tag": 0, "email": None}]).version == 1
