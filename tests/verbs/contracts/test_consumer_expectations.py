"""What consumers expect of their inputs: judged by the producer's publish, and kept by register."""

from __future__ import annotations

import json

import pytest

from data_platform import DataQualityError
from data_platform.errors import InvalidSpec
from data_platform.quality.verdict import RuleResult
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import Expectations, restore_product, serialize_product
from data_platform.spec.standards.document import parse_document
from data_platform.spec.standards.odps.product_in import read_odps
from data_platform.spec.standards.odps.product_out import convert_to_odps
from data_platform.verbs.publishing import promote
from tests.meshes import IDS, World
from tests.verbs.contracts.test_diff import SEGMENT, UNREAD, apply, diff, only

EXPECTS = """\
inputs:
  - data_product: orders
    output: t
    expectations:
      columns: [customer_segment]
      rules:
        - {rule: segments_known, sql: "SELECT COUNT(*) FROM t WHERE customer_segment IS NULL", threshold: 0}
        - {rule: some_rows, metric: rowCount, mustBeGreaterThan: 1, severity: warning}
      enforcement: blocking
"""
LETS_BLOCK = "policies: [{name: consumer-expectations, enforcement: blocking}]\n"
BAD = [{"id": 1, "customer_segment": None}]
GOOD = [{"id": 1, "customer_segment": "gold"}, {"id": 2, "customer_segment": "gold"}]


@pytest.fixture
def pair(world: World) -> World:
    """orders, and churn-model, which expects things of it."""
    world.product(columns=SEGMENT).register()
    world.product("churn-model", owner="bea@x", more=EXPECTS).register()
    return world


def expected(results: tuple[RuleResult, ...]) -> dict[str, bool]:
    return {result.rule.name: result.passed for result in results if result.rule.expected_by == "churn-model"}


def test_the_producers_publish_runs_them_and_says_whose_they_are(pair: World) -> None:
    done = pair.product(columns=SEGMENT).publish("t", BAD)
    assert expected(done.quality.results) == {
        "churn-model: segments_known": False,
        "churn-model: some_rows": False,
    }
    assert done.quality.outcome == "warned"
    assert done.version == 1


def test_they_are_no_part_of_the_producers_score(pair: World) -> None:
    pair.product(columns=SEGMENT, output="primary_key: id").publish("t", BAD)
    assert pair.platform.show("orders").quality_score == 100.0
    status = {rule.rule: rule.passed for rule in pair.platform.quality_metrics("orders").rules}
    assert status["churn-model: segments_known"] is False
    assert status["primary_key.unique"] is True


def test_with_the_policy_those_that_say_so_block_and_only_those(pair: World) -> None:
    apply(pair, LETS_BLOCK)
    product = pair.product(columns=SEGMENT)
    with pytest.raises(DataQualityError) as refused:
        product.publish("t", BAD)
    assert "churn-model: segments_known" in [failure.rule for failure in refused.value.failures]
    assert product.publish("t", GOOD[:1]).quality.outcome == "warned"
    assert product.publish("t", GOOD).quality.outcome == "passed"


def test_a_pinned_input_expects_of_its_own_major_alone(pair: World) -> None:
    pair.product(
        "churn-model", owner="bea@x", more=EXPECTS.replace("output: t", "output: t\n    version: 7.0.0")
    ).register()
    assert expected(pair.product(columns=SEGMENT).publish("t", BAD).quality.results) == {}


def test_an_expectation_that_comes_during_the_publish_is_judged_too(
    pair: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stricter = EXPECTS.replace("some_rows", "many_rows")
    prepare, moved = promote.prepare, []

    def meanwhile(*arguments: object) -> object:
        if not moved:
            moved.append(pair.product("churn-model", owner="bea@x", more=stricter).register())
        return prepare(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(promote, "prepare", meanwhile)
    done = pair.product(columns=SEGMENT).publish("t", GOOD)
    assert moved
    assert set(expected(done.quality.results)) == {"churn-model: segments_known", "churn-model: many_rows"}


def test_an_expected_column_is_not_unread_and_other_columns_are_none_of_the_consumers_business(pair: World) -> None:
    pair.product(columns=SEGMENT | {"other": {"type": "string"}}).publish("t", [{**GOOD[0], "other": "x"}])
    pair.clock.later(days=31)
    apply(pair, UNREAD)
    gone = diff(pair, columns=IDS | {"other": {"type": "string"}})
    assert gone.refused
    assert "churn-model expects it" in only(gone).message
    assert [consumer.name for consumer in only(gone).consumers] == ["churn-model"]
    other = diff(pair, columns=SEGMENT)
    assert (other.refused, only(other).consumers) == (False, ())


def test_they_survive_the_record_and_the_standards(pair: World) -> None:
    product = load_product(pair.root / "products" / "churn-model").product
    assert restore_product(serialize_product(product)) == product
    text = json.dumps(convert_to_odps(product))
    ((found, _),) = read_odps(parse_document(pair.root / "odps.json", text)).inputs
    assert found == product.inputs[0]
    hostile = text.replace("SELECT COUNT(*)", "DROP TABLE")
    ((found, _),) = read_odps(parse_document(pair.root / "odps.json", hostile)).inputs
    assert found.expectations == Expectations()


def test_the_file_is_judged_line_by_line(world: World) -> None:
    wrong = EXPECTS.replace("FROM t", "FROM u").replace("rowCount", "rowCuont").replace("enforcement", "enforcment")
    folder = world.write("churn-model", f"name: churn-model\ndomain: d\nowner: bea@x\noutputs: [{{name: s}}]\n{wrong}")
    with pytest.raises(InvalidSpec) as caught:
        load_product(folder)
    assert [problem.line for problem in caught.value.problems] == [11, 12, 13]
