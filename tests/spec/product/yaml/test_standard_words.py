"""The words of ODCS and ODPS stand for ours, and never beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import Input, Product
from data_platform.spec.rules.model import Bound, Operator, RowCount, Severity, Unit
from tests.product_files import HEAD, OUTPUT, PRODUCT, problems_of, written

OURS = """\
name: p
domain: d
owner: o@x
description: What for.
outputs:
  - name: t
    type: table
    sla: {freshness: 15 minutes}
    quality_rules:
      - {rule: r, sql: SELECT COUNT(*) FROM t WHERE a IS NULL, threshold: 3}
inputs:
  - {data_product: q, output: u, version: 1.0.0}
"""
THEIRS = """\
name: p
domain: d
team: {name: orders, members: [{username: a@x, role: reader}, {username: o@x, role: owner}]}
description: {purpose: What for.}
outputPorts:
  - name: t
    type: table
    sla: {latency: 15 minutes}
    quality:
      - {id: r, type: sql, query: SELECT COUNT(*) FROM t WHERE a IS NULL, mustBeLessOrEqualTo: 3}
inputPorts:
  - {name: u, version: 1.0.0, contractId: q.u, customProperties: [{property: dataProduct, value: q}]}
"""


def product(folder: Path, text: str) -> Product:
    return load_product(written(folder, text)).product


def test_a_file_in_the_standards_words_is_the_same_product(tmp_path: Path) -> None:
    assert product(tmp_path, THEIRS) == product(tmp_path, OURS)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("outputs: [{name: t}]", "outputPorts: [{name: t}]"),
        ("inputs: []", "inputPorts: []"),
        ("owner: o@x", "team: {members: [{username: o@x, role: owner}]}"),
    ],
)
def test_a_products_word_and_its_alias_never_stand_together(tmp_path: Path, ours: str, theirs: str) -> None:
    kept = [line for line in PRODUCT.splitlines() if line.partition(":")[0] != ours.partition(":")[0]]
    problems = problems_of(tmp_path, "\n".join([*kept, ours, theirs]))
    assert [problem.line for problem in problems] == [len(kept) + 2]
    assert "mean the same" in problems[0].message


@pytest.mark.parametrize(
    ("first", "second"),
    [("rule: r", "id: r"), ("sql: SELECT 1 FROM t", "query: SELECT 1"), ("threshold: 0", "mustBeLessOrEqualTo: 0")],
)
def test_a_rules_word_and_its_alias_never_stand_together(tmp_path: Path, first: str, second: str) -> None:
    whole = {"rule": "rule: r", "sql": "sql: SELECT 1 FROM t"}
    rest = [line for key, line in whole.items() if key != first.partition(":")[0]]
    text = f"{OUTPUT}    quality_rules: [{{{', '.join([*rest, first, second])}}}]\n"
    assert [problem.message.split("` ")[1][:3] for problem in problems_of(tmp_path, text)] == ["and"]


@pytest.mark.parametrize(
    ("team", "says"),
    [
        ("{members: []}", "0 owners"),
        ("[{username: a, role: owner}, {username: b, role: owner}]", "2 owners"),
        ("{members: [{role: owner}]}", "an owner without `username`"),
        ("orders", "0 owners"),
    ],
)
def test_a_team_has_one_owner(tmp_path: Path, team: str, says: str) -> None:
    (problem,) = problems_of(tmp_path, f"name: p\ndomain: d\nteam: {team}\noutputs: [{{name: t}}]\n")
    assert (problem.line, problem.message) == (3, f"`team` has {says}")


def test_the_list_form_of_a_team_is_read_too(tmp_path: Path) -> None:
    text = "name: p\ndomain: d\nteam: [{username: o@x, role: Owner}]\noutputs: [{name: t}]\n"
    assert product(tmp_path, text).owner == "o@x"


def test_a_descriptions_parts_become_paragraphs(tmp_path: Path) -> None:
    text = PRODUCT + "description: {limitations: Not for tax., purpose: Orders., usage: Join on id.}\n"
    assert product(tmp_path, text).description == "Orders.\n\nUsage: Join on id.\n\nLimitations: Not for tax."


@pytest.mark.parametrize(
    "port", ["{contractId: q.u}", "{name: u, customProperties: [{property: dataProduct, value: q}]}"]
)
def test_an_input_port_names_its_product_in_one_of_two_ways(tmp_path: Path, port: str) -> None:
    assert product(tmp_path, f"{PRODUCT}inputPorts: [{port}]\n").inputs == (Input("q", "u"),)


@pytest.mark.parametrize(
    "port",
    [
        "{contractId: q.u, name: w}",
        "{contractId: q.u, customProperties: [{property: dataProduct, value: w}]}",
        "{name: u, customProperties: [{property: dataProduct, value: Not A Name}]}",
        "{name: u, customProperties: [{property: other, value: q}]}",
        "{customProperties: [{property: dataProduct, value: q}]}",
    ],
)
def test_an_input_port_that_contradicts_itself_or_names_nothing_is_refused(tmp_path: Path, port: str) -> None:
    assert problems_of(tmp_path, f"{PRODUCT}inputPorts: [{port}]\n")


@pytest.mark.parametrize(
    ("written_as", "bound"),
    [
        ("threshold: 3", Bound(Operator.LESS_OR_EQUAL, 3)),
        *((f"{operator}: 2.5", Bound(operator, 2.5)) for operator in Operator if "Between" not in operator),
        ("mustBeBetween: [1, 2]", Bound(Operator.BETWEEN, (1, 2))),
        ("mustNotBeBetween: [1, 2]", Bound(Operator.NOT_BETWEEN, (1, 2))),
    ],
)
def test_all_eight_operators(tmp_path: Path, written_as: str, bound: Bound) -> None:
    text = f"{OUTPUT}    quality: [{{metric: rowCount, {written_as}}}]\n"
    (rule,) = product(tmp_path, text).outputs[0].rules
    assert (rule.measure, rule.bound, rule.name) == (RowCount(), bound, "rowCount()")


def test_a_metric_with_all_that_a_rule_may_say(tmp_path: Path) -> None:
    rule = (
        "{id: r, type: library, metric: invalidValues, column: a, arguments: {validValues: [x, 'no', 1]}, "
        "mustBeLessThan: 5, unit: percent, dimension: conformity, severity: warning, description: Why.}"
    )
    (found,) = product(tmp_path, f"{OUTPUT}    quality: [{rule}]\n").outputs[0].rules
    assert (found.name, found.columns, found.unit, found.severity) == ("r", ("a",), Unit.PERCENT, Severity.WARNING)
    assert (found.bound, found.dimension, found.description) == (Bound(Operator.LESS, 5), "conformity", "Why.")


def test_expectations_take_a_column_or_arguments_and_options_beside(tmp_path: Path) -> None:
    text = (
        OUTPUT
        + "    expect:\n"
        + "      - expect_column_values_to_not_be_null: a\n"
        + "      - expect_column_values_to_be_between: {column: b, min_value: 0}\n"
        + "        severity: warning\n        name: b is not negative\n        description: Why.\n"
        + "        dimension: accuracy\n"
        + "      - expect_compound_columns_to_be_unique: [a, b]\n"
    )
    first, second, third = product(tmp_path, text).outputs[0].rules
    assert (first.name, first.severity) == ("expect_column_values_to_not_be_null(a)", Severity.BLOCKING)
    assert (second.name, second.severity, second.description) == ("b is not negative", Severity.WARNING, "Why.")
    assert second.dimension == "accuracy"
    assert third.columns == ("a", "b")
    assert {rule.origin for rule in (first, second, third)} == {"expect"}


def test_head_alone_lacks_outputs_whatever_they_are_called(tmp_path: Path) -> None:
    assert len(problems_of(tmp_path, HEAD)) == 1


@pytest.mark.parametrize("names", ["rule: r", "id: r", "name: r", "id: r, name: r"])
def test_a_rules_name_is_written_as_ours_or_as_odcs_does(tmp_path: Path, names: str) -> None:
    text = f"{OUTPUT}    quality: [{{{names}, sql: SELECT COUNT(*) FROM t}}]\n"
    assert [rule.name for rule in product(tmp_path, text).outputs[0].rules] == ["r"]


@pytest.mark.parametrize("names", ["rule: r, name: r", "id: r, name: another"])
def test_two_names_of_a_rule_are_refused(tmp_path: Path, names: str) -> None:
    (problem,) = problems_of(tmp_path, f"{OUTPUT}    quality: [{{{names}, sql: SELECT COUNT(*) FROM t}}]\n")
    assert problem.message.startswith("`name` and `")
