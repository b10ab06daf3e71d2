"""Events: valid under the official schemas whatever names and texts come along, and telling what happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.lineage import events
from data_platform.lineage.facts import JobRun, Made, Port, RuleFinding, Used, WrittenVersion
from data_platform.lineage.naming import Name, name_file, name_postgres_table, name_stream
from data_platform.lineage.uses import ColumnLineage, ColumnUse
from data_platform.quality.constraints import build_primary_key_rules
from data_platform.spec.product.model import Output, OutputType, Product, ProductStatus
from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.metrics import make_library_rule
from data_platform.spec.rules.model import (
    Aggregate,
    Bound,
    Duplicates,
    Operator,
    RowCount,
    Rule,
    Severity,
    SqlMeasure,
    Unit,
    Wrong,
)
from data_platform.spec.schema.types import Kind, ListOf, MapOf, Primitive, SchemaColumn, Struct, TableSchema
from tests.hypothesis_lanes import examples
from tests.lineage.openlineage import needs_the_standard, problems
from tests.strategies import any_names, schemas

TEXT, LONG = Primitive(Kind.STRING), Primitive(Kind.LONG)
STARTED = datetime(2026, 11, 23, 12, tzinfo=UTC)
RUN = JobRun(UUID("0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b"), STARTED, STARTED + timedelta(seconds=3))
SCHEMA = TableSchema(
    (
        SchemaColumn("order_id", LONG, required=True, description="Counts from 1."),
        SchemaColumn("email", TEXT, tags=("pii",), encryption="aes-256-gcm"),
        SchemaColumn(
            "lines", ListOf(Struct((SchemaColumn("sku", TEXT), SchemaColumn("gift_to", TEXT, tags=("pii",)))))
        ),
        SchemaColumn("labels", MapOf(TEXT, LONG)),
    )
)
OUTPUT = Output("fact", tags=("gold",))
PRODUCT = Product("orders", "sales", "ana@x", (OUTPUT,), description="Orders.", tags=("core",), version="2.1.0")
PORT = Port(PRODUCT, OUTPUT, SCHEMA, name_file("/mesh/tables/orders/fact"), "file:///mesh/tables")
CUSTOMERS = name_file("/mesh/tables/customers/dim")
RULE = Rule("no_negative", SqlMeasure("SELECT COUNT(*) FROM fact WHERE order_id < 0"), dimension="validity")
WRITTEN = WrittenVersion(4, rows=3, bytes=1000, files=1)
MADE = Made(
    (Used(CUSTOMERS, 7),),
    ColumnLineage(
        {
            "email": frozenset(
                {
                    ColumnUse(CUSTOMERS, "email", "DIRECT", "IDENTITY"),
                    ColumnUse(CUSTOMERS, "email", "INDIRECT", "CONDITIONAL"),
                }
            ),
            "order_id": frozenset(),
        },
        frozenset({ColumnUse(CUSTOMERS, "id", "INDIRECT", "JOIN")}),
    ),
    "SELECT 1",
)


def facets_of(event: dict[str, Any], at: str = "outputs") -> dict[str, Any]:
    facets: dict[str, Any] = event[at][0]["facets"]
    return facets


def test_a_register_tells_the_dataset_and_the_job_that_builds_it() -> None:
    dataset, job = events.build_registration_events([PORT], [CUSTOMERS], STARTED)
    assert dataset["schemaURL"].endswith("/DatasetEvent")
    assert dataset["dataset"]["facets"]["ownership"]["owners"] == [{"name": "ana@x", "type": "owner"}]
    assert "lifecycleStateChange" not in dataset["dataset"]["facets"]
    assert job["schemaURL"].endswith("/JobEvent")
    assert (job["job"]["namespace"], job["job"]["name"]) == ("sales", "orders.fact")
    assert job["inputs"] == [{"namespace": "file", "name": "/mesh/tables/customers/dim"}]
    assert "run" not in job


def test_a_changed_schema_alters_the_dataset() -> None:
    dataset, _ = events.build_registration_events([PORT], [], STARTED, altered=["fact"])
    assert dataset["dataset"]["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "ALTER"


def test_a_publish_is_a_run_from_start_to_end_and_a_quality_run_inside_it() -> None:
    start, complete, asked, judged = events.build_publish_events(PORT, RUN, MADE, WRITTEN, [RuleFinding(RULE, True, 0)])
    assert [start["eventType"], complete["eventType"]] == ["START", "COMPLETE"]
    assert [start["eventTime"], complete["eventTime"]] == ["2026-11-23T12:00:00.000000Z", "2026-11-23T12:00:03.000000Z"]
    assert start["run"]["runId"] == complete["run"]["runId"] == str(RUN.id)
    assert [event["job"]["facets"]["jobType"]["jobType"] for event in (start, asked)] == ["PUBLISH", "QUALITY"]
    assert [asked["eventType"], judged["eventType"]] == ["START", "COMPLETE"]
    assert judged["job"]["name"] == "orders.fact.quality"
    assert judged["run"]["runId"] == asked["run"]["runId"] != str(RUN.id)
    assert judged["run"]["facets"]["parent"]["run"]["runId"] == str(RUN.id)
    assert judged["outputs"] == []


def test_a_publish_tells_what_it_read_and_what_it_wrote() -> None:
    _, complete = events.build_publish_events(PORT, RUN, MADE, WRITTEN, [])
    assert complete["inputs"][0]["facets"]["version"]["datasetVersion"] == "7"
    assert complete["inputs"][0]["facets"]["dataSource"]["uri"].startswith("file:///mesh/tables/")
    facets = facets_of(complete)
    assert facets["version"]["datasetVersion"] == "4"
    assert facets["lifecycleStateChange"]["lifecycleStateChange"] == "OVERWRITE"
    assert facets["symlinks"]["identifiers"] == [{"namespace": "data-platform", "name": "orders.fact", "type": "TABLE"}]
    statistics = complete["outputs"][0]["outputFacets"]["outputStatistics"]
    assert (statistics["rowCount"], statistics["size"], statistics["fileCount"]) == (3, 1000, 1)
    assert complete["job"]["facets"]["sql"]["query"] == "SELECT 1"


def test_the_first_version_creates_the_dataset() -> None:
    _, complete = events.build_publish_events(PORT, RUN, Made(), WrittenVersion(1, 3, 1000, 1), [])
    assert facets_of(complete)["lifecycleStateChange"]["lifecycleStateChange"] == "CREATE"
    assert "columnLineage" not in facets_of(complete)


def test_nested_columns_are_told_with_what_is_inside_them() -> None:
    order_id, _, lines, labels = facets_of(events.build_publish_events(PORT, RUN, MADE, WRITTEN, [])[1])["schema"][
        "fields"
    ]
    assert order_id == {"name": "order_id", "type": "long", "description": "Counts from 1.", "ordinal_position": 1}
    [element] = lines["fields"]
    assert (lines["type"], element["name"], element["type"]) == ("list", "_element", "struct")
    assert [field["name"] for field in element["fields"]] == ["sku", "gift_to"]
    assert [(field["name"], field["type"]) for field in labels["fields"]] == [("key", "string"), ("value", "long")]


def test_tags_are_told_of_the_dataset_and_of_each_personal_column() -> None:
    tags = facets_of(events.build_publish_events(PORT, RUN, MADE, WRITTEN, [])[1])["tags"]["tags"]
    assert [(tag["key"], tag["value"]) for tag in tags if "field" not in tag] == [
        ("core", "true"),
        ("gold", "true"),
        ("contract_version", "2.1.0"),
        ("status", "active"),
        ("domain", "sales"),
    ]
    assert [tag["field"] for tag in tags if "field" in tag] == ["email", "lines", "lines._element.gift_to"]


def test_column_lineage_tells_each_use_of_a_column_once() -> None:
    lineage = facets_of(events.build_publish_events(PORT, RUN, MADE, WRITTEN, [])[1])["columnLineage"]
    [email] = lineage["fields"]["email"]["inputFields"]
    assert email["field"] == "email"
    assert email["transformations"] == [
        {"type": "DIRECT", "subtype": "IDENTITY", "masking": False},
        {"type": "INDIRECT", "subtype": "CONDITIONAL", "masking": False},
    ]
    assert lineage["fields"]["order_id"]["inputFields"] == []
    assert [field["field"] for field in lineage["dataset"]] == ["id"]


def test_a_refusal_fails_the_run_and_leaves_the_dataset_as_it_was() -> None:
    failed = RuleFinding(RULE, False, 3)
    _, fail, _, judged = events.build_refusal_events(PORT, RUN, MADE, "1 of 1 rules failed: no_negative", [failed])
    assert fail["eventType"] == "FAIL"
    assert fail["run"]["facets"]["errorMessage"]["message"] == "1 of 1 rules failed: no_negative"
    assert fail["outputs"] == [{"namespace": "file", "name": "/mesh/tables/orders/fact"}]
    [assertion] = judged["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert assertion == {
        "assertion": "custom_sql",
        "name": "no_negative",
        "success": False,
        "severity": "error",
        "expected": "≤ 0",
        "actual": "3",
        "content": "SELECT COUNT(*) FROM fact WHERE order_id < 0",
        "contentType": "sql",
        "params": {"dimension": "validity"},
    }
    assert "version" not in judged["inputs"][0]["facets"]


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        (make_library_rule("r", "nullValues", "a"), "not_null"),
        (make_library_rule("r", "duplicateValues", "a"), "unique"),
        (make_library_rule("r", "invalidValues", "a", {"validValues": ["x"]}), "accepted_values"),
        (make_library_rule("r", "invalidValues", "a", {"pattern": "^x"}), "matches_pattern"),
        (make_library_rule("r", "rowCount", None, bound=Bound(Operator.GREATER, 0)), "row_count"),
        (EXPECTATIONS["expect_column_values_to_be_between"](column="a", min_value=0), "in_range"),
        (EXPECTATIONS["expect_column_max_to_be_between"](column="a", max_value=9), "expect_column_max_to_be_between"),
        *zip(build_primary_key_rules(["a"]), ("not_null", "unique"), strict=True),
        (Rule("a.exclusiveMinimum", Wrong("a <= 0"), columns=("a",), origin="schema"), "in_range"),
        (Rule("fits", Wrong("a <= 0"), origin="pipeline"), "condition"),
        (RULE, "custom_sql"),
    ],
)
def test_an_assertion_is_named_in_words_that_other_tools_use(rule: Rule, word: str) -> None:
    *_, judged = events.build_refusal_events(PORT, RUN, MADE, "no", [RuleFinding(rule, False, 3)])
    [assertion] = judged["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert assertion["assertion"] == word


def test_a_consume_reads_and_writes_nothing() -> None:
    start, complete = events.build_consume_events(PORT.name_job("consume"), RUN, Used(PORT.dataset, 4))
    assert [start["eventType"], complete["eventType"]] == ["START", "COMPLETE"]
    assert complete["job"]["name"] == "orders.fact.consume"
    assert complete["inputs"][0]["facets"]["version"]["datasetVersion"] == "4"
    assert complete["outputs"] == []


def test_events_of_one_run_are_in_utc_whatever_the_zone() -> None:
    there = STARTED.astimezone(timezone(timedelta(hours=7)))
    start, _ = events.build_consume_events(PORT.name_job("consume"), JobRun(RUN.id, there, there), Used(PORT.dataset))
    assert start["eventTime"] == "2026-11-23T12:00:00.000000Z"


names = st.builds(Name, st.text(min_size=1), st.text(min_size=1)) | st.sampled_from(
    [CUSTOMERS, name_postgres_table("db", 5432, "shop", 'a"b.c'), name_stream("orders.events")]
)
uses = st.builds(
    ColumnUse,
    names,
    any_names,
    st.sampled_from(["DIRECT", "INDIRECT"]),
    st.sampled_from(["IDENTITY", "AGGREGATION", "FILTER"]),
    st.booleans(),
)
lineages = st.builds(
    ColumnLineage, st.dictionaries(any_names, st.frozensets(uses, max_size=3), max_size=3), st.frozensets(uses)
)
makes = st.builds(
    Made,
    st.lists(st.builds(Used, names, st.none() | st.integers(1)), max_size=3),
    st.none() | lineages,
    st.none() | st.text(),
)
measures = (
    st.builds(SqlMeasure, st.text())
    | st.builds(Wrong, st.text())
    | st.just(RowCount())
    | st.builds(Aggregate, st.text())
    | st.just(Duplicates(("id",)))
)
bounds = st.builds(Bound, st.sampled_from(list(Operator)[:6]), st.integers() | st.floats(allow_nan=False)) | st.just(
    Bound(Operator.BETWEEN, (1, 2.5))
)
rules = st.builds(
    Rule,
    st.text(min_size=1),
    measures,
    bounds,
    st.sampled_from(Severity),
    st.sampled_from(Unit),
    st.sampled_from([None, "validity"]),
    st.none() | st.text(),
    st.sampled_from([(), ("id",), ("a", "b")]),
)
findings = st.lists(
    st.builds(RuleFinding, rules, st.booleans(), st.none() | st.integers() | st.floats(allow_nan=False)), max_size=3
)
outputs = st.builds(
    Output,
    st.just("t"),
    st.sampled_from(OutputType),
    st.none() | st.text(),
    tags=st.lists(st.text(min_size=1), max_size=2).map(tuple),
)
products = st.builds(
    Product,
    any_names,
    any_names,
    st.text(min_size=1),
    st.tuples(outputs),
    st.none() | st.text(),
    status=st.none() | st.sampled_from(ProductStatus),
)
ports = st.builds(
    lambda product, schema, dataset, place: Port(product, product.outputs[0], schema, dataset, place),
    products,
    st.none() | schemas(any_names),
    names,
    st.sampled_from([None, "file:///a%20mesh/tables"]),
)


@needs_the_standard
@settings(deadline=None, max_examples=examples(40))
@given(ports, makes, findings, st.text(), st.sampled_from([(), ("t",)]))
def test_every_event_is_valid_under_the_official_schemas(
    port: Port, made: Made, findings: list[RuleFinding], reason: str, altered: tuple[str, ...]
) -> None:
    sent = [
        *events.build_registration_events([port], [used.dataset for used in made.inputs], STARTED, altered),
        *events.build_publish_events(port, RUN, made, WRITTEN, findings),
        *events.build_refusal_events(port, RUN, made, reason, findings),
        *events.build_consume_events(port.name_job("consume"), RUN, Used(port.dataset, 3)),
    ]
    assert [problem for event in sent for problem in problems(event)] == []
    assert json.loads(json.dumps(sent)) == sent


@needs_the_standard
@pytest.mark.parametrize("break_it", ["eventTime", "run", "job"])
def test_the_judge_sees_what_is_wrong(break_it: str) -> None:
    _, complete = events.build_publish_events(PORT, RUN, MADE, WRITTEN, [])
    assert problems({**complete, break_it: "yesterday"}) != []
