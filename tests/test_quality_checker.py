"""QualityChecker: the verdict of a publish, without a publish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data_platform import BadInput, DataProduct, DataQualityError, NotFound, QualityChecker, UnreadableData
from tests.meshes import IDS, ROWS, World

RULE = """quality_rules:
  - {rule: few, metric: rowCount, mustBeLessThan: 3}
  - {rule: one, metric: rowCount, mustBeLessThan: 2, severity: warning}"""
SQL = """quality_rules:
  - {rule: there, sql: SELECT COUNT(*) FROM t WHERE id NOT IN (SELECT id FROM "customers".t), threshold: 0}"""


@pytest.fixture
def orders(world: World) -> DataProduct:
    return world.product("orders", IDS, output=RULE)


@pytest.fixture
def checker(orders: DataProduct) -> Iterator[QualityChecker]:
    with QualityChecker(orders.outputs) as checker:
        yield checker


def test_the_verdict_is_that_of_a_publish_and_nothing_is_published(
    world: World, orders: DataProduct, checker: QualityChecker
) -> None:
    assert checker.validate("t", ROWS[:1]).failures == ()
    warned = checker.validate("t", ROWS[:2])
    assert (warned.passed, [failure.check for failure in warned.failures]) == (True, ["one"])
    refused = checker.validate("t", ROWS)
    assert (refused.passed, [failure.check for failure in refused.failures]) == (False, ["few", "one"])
    assert world.platform.domains() == []
    with pytest.raises(DataQualityError) as error:
        orders.publish("t", ROWS)
    assert [failure.rule for failure in error.value.failures] == ["few"]


def test_data_that_does_not_fit_the_schema_is_a_result(checker: QualityChecker, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("id\n1\nx\n")
    for data in (file, str(file)):
        result = checker.validate("t", data)
        assert not result.passed
        assert result.failures[0].check == "schema.id"


def test_a_frame_is_judged_like_its_rows(world: World, checker: QualityChecker) -> None:
    world.product("other", IDS).publish("t", ROWS)
    assert not checker.validate("t", world.platform.consume("other", "t")).passed


def test_a_rule_reads_the_inputs_that_are_given(world: World) -> None:
    more = "inputs: [{data_product: customers, output: t}]"
    with QualityChecker(world.product("orders", IDS, output=SQL, more=more)) as checker:
        assert checker.validate("t", ROWS, inputs={"customers.t": ROWS}).passed
        assert not checker.validate("t", ROWS, inputs={"customers.t": ROWS[:1]}).passed
        with pytest.raises(BadInput, match=r"no input customers\.u"):
            checker.validate("t", ROWS, inputs={"customers.u": ROWS})


def test_a_plain_list_of_outputs_is_taken_where_no_schema_file_is_needed(world: World, orders: DataProduct) -> None:
    bare = world.product("bare", output=RULE)
    with QualityChecker(list(bare.outputs)) as checker:
        assert not checker.validate("t", ROWS).passed
    with pytest.raises(BadInput, match=r"QualityChecker\(product\.outputs\)"):
        QualityChecker(list(orders.outputs))


@pytest.mark.parametrize("outputs", [None, "t", [], [3], {"t": 1}])
def test_what_is_no_list_of_outputs_is_bad_input(outputs: Any) -> None:
    with pytest.raises(BadInput, match=r"product\.outputs"):
        QualityChecker(outputs)


def test_an_output_that_is_not_there_and_data_that_is_none_are_errors(checker: QualityChecker, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        checker.validate("u", ROWS)
    with pytest.raises((NotFound, UnreadableData)):
        checker.validate("t", tmp_path / "none.csv")
    with pytest.raises(UnreadableData):
        checker.validate("t", 3)
