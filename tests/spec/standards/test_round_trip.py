"""A product written as ODPS and ODCS is the same product when it is read again, whatever it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.spec.duration import parse_duration
from data_platform.spec.expectations import EXPECTATIONS
from data_platform.spec.loading import load_product
from data_platform.spec.metrics import library_rule
from data_platform.spec.product import Output, OutputType, Product, Sla
from data_platform.spec.rules import DIMENSIONS, Bound, Operator, Rule, Severity, Unchecked, Unit
from data_platform.spec.standards.exporting import Standard, export
from data_platform.spec.standards.importing import Imported, import_files
from data_platform.spec.standards.odcs.checks_out import unique_rule
from data_platform.spec.standards.product_text import product_text
from data_platform.spec.types import Column, Kind, Primitive, TableSchema
from tests.spec import test_product
from tests.spec.standards.official import validator
from tests.strategies import schemas

lines, free, versions, several = test_product.lines, test_product.free, test_product.versions, test_product.several
SCHEMA = TableSchema((Column("a", Primitive(Kind.STRING)), Column("b", Primitive(Kind.LONG), required=True)))
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("expect_column_values_to_not_be_null", {"column": "a"}),
    ("expect_column_values_to_be_in_set", {"column": "a", "value_set": ["x", "", "2022-01-01"], "mostly": 0.9}),
    ("expect_column_values_to_be_between", {"column": "b", "min_value": 0, "max_value": 9.5, "strict_min": True}),
    ("expect_column_max_to_be_between", {"column": "b", "max_value": 9}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["a", "b"]}),
    ("expect_table_row_count_to_equal", {"value": 3}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}),
]
METRICS: list[tuple[str, str | None, dict[str, Any]]] = [
    ("nullValues", "a", {}),
    ("missingValues", "a", {"missingValues": ["", "n/a"]}),
    ("invalidValues", "b", {"validValues": [1, 2]}),
    ("invalidValues", "a", {"pattern": "^x"}),
    ("duplicateValues", "b", {}),
    ("duplicateValues", None, {"properties": ["b", "a"]}),
    ("rowCount", None, {}),
]
UNIQUE = unique_rule("b")


@st.composite
def expectations(draw: st.DrawFn) -> Rule:
    name, arguments = draw(st.sampled_from(CALLS))
    rule = EXPECTATIONS[name](**arguments)
    return replace(
        rule,
        name=draw(st.just(rule.name) | lines),
        severity=draw(st.sampled_from(Severity)),
        description=draw(st.none() | free),
    )


@st.composite
def metrics(draw: st.DrawFn) -> Rule:
    metric, column, arguments = draw(st.sampled_from(METRICS))
    percent = metric != "rowCount" and draw(st.booleans())
    return library_rule(
        draw(lines),
        metric,
        column,
        arguments,
        bound=Bound(Operator.LESS, draw(st.integers(1, 100))) if percent else draw(test_product.bounds()),
        severity=draw(st.sampled_from(Severity)),
        unit=Unit.PERCENT if percent else Unit.ROWS,
        dimension=draw(st.none() | st.sampled_from(DIMENSIONS)),
        description=draw(st.none() | free),
    )


@st.composite
def unchecked(draw: st.DrawFn) -> Unchecked:
    kind = draw(st.sampled_from(["text", "custom"]))
    name = draw(lines)
    check = {"name": name, "type": kind, "description": draw(free)}
    if kind == "text":
        return Unchecked(name, kind, "text is for people to judge", draw(st.sampled_from([None, "a"])), check)
    check |= {"engine": "soda", "implementation": "checks: [x]"}
    return Unchecked(name, kind, "soda is not run here", draw(st.sampled_from([None, "a"])), check)


@st.composite
def outputs(draw: st.DrawFn) -> tuple[Output, TableSchema | None]:
    """An output with the schema that its file would hold: of every type, or one that rules can name."""
    rich = draw(st.booleans())
    schema = draw(schemas()) if rich else draw(st.none() | st.just(SCHEMA))
    names = list(schema.names) if schema else ["a", "b"]
    plain = draw(test_product.outputs())
    rules = draw(st.lists(test_product.rules(plain.name) | metrics() | expectations() | st.just(UNIQUE), max_size=4))
    keys = st.lists(st.sampled_from(names), unique=True, max_size=2).map(tuple)
    sla = replace(plain.sla, freshness_column=draw(st.none() | st.sampled_from(names)), properties=_promises(plain))
    kept = rules if not rich else []
    checks = [] if rich else draw(st.lists(unchecked(), max_size=2))
    named = {rule.name: rule for rule in kept}
    return replace(
        plain,
        schema_path=None if schema is None else f"schemas/{plain.name}.json",
        primary_key=draw(keys),
        partition_by=draw(keys),
        sla=sla,
        rules=tuple(sorted((replace(rule, odcs={}) for rule in named.values()), key=lambda r: r.origin == "expect")),
        unchecked=tuple({check.name: check for check in checks if check.name not in named}.values()),
        contract_id=draw(st.none() | st.uuids().map(str)),
        odcs={},
        odps={},
    ), schema


def _promises(output: Output) -> tuple[Any, ...]:
    """Promises that the standard allows: a value is text, a number or a boolean, latency is the platform's."""
    return tuple(replace(p, property="retention") for p in output.sla.properties)


@st.composite
def products(draw: st.DrawFn) -> tuple[Product, dict[str, TableSchema]]:
    product = draw(test_product.products(st.just(Output("t"))))
    drawn = draw(st.lists(outputs(), min_size=1, max_size=2, unique_by=lambda pair: pair[0].name))
    named = {output.name: schema for output, schema in drawn if schema is not None}
    return replace(
        product,
        outputs=tuple(output for output, _ in drawn),
        inputs=tuple(replace(found, odps={}) for found in product.inputs),
        pii_columns=() if len(named) == len(drawn) else product.pii_columns,
        id=product.id if product.id != product.name else None,
        odps={},
    ), named


def imported(folder: Path, product: Product, known: dict[str, TableSchema]) -> Imported:
    """The product after it was written as ODPS and ODCS, judged by the official schemas, and read again."""
    paths = []
    for standard in (Standard.ODPS, Standard.ODCS):
        for name, text in export(product, known, standard).items():
            validator(standard.value).validate(text)
            (folder / name).write_text(text, encoding="utf-8", newline="")
            paths.append(folder / name)
    return import_files(paths)


@given(products())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_of_a_product_is_lost(tmp_path: Path, drawn: tuple[Product, dict[str, TableSchema]]) -> None:
    product, known = drawn
    for old in tmp_path.iterdir():
        old.unlink()
    again = imported(tmp_path, product, known)
    assert again.product == product
    assert again.schemas == known


@given(products())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_text_of_product_yaml_is_the_product(tmp_path: Path, drawn: tuple[Product, dict[str, TableSchema]]) -> None:
    product = replace(drawn[0], outputs=tuple(replace(output, schema_path=None) for output in drawn[0].outputs))
    (tmp_path / "product.yaml").write_text(product_text(product), encoding="utf-8", newline="")
    assert load_product(tmp_path).product == product


def test_outputs_that_share_a_contract_are_written_as_one(tmp_path: Path) -> None:
    fresh = Sla(timedelta(days=1), None, "1 day", None, "a")
    one = Output("one", schema_path="schemas/one.json", contract_id="both", sla=fresh)
    two = Output("two", OutputType.STREAM, schema_path="schemas/two.json", contract_id="both")
    product, known = Product("p", "d", "o@x", (one, two)), {"one": SCHEMA, "two": SCHEMA}
    assert len(export(product, known, Standard.ODCS)) == 1
    again = imported(tmp_path, product, known)
    assert (again.product, again.schemas) == (product, known)


@pytest.mark.parametrize("text", ["15minutes", "1.50 hours", "1 Day"])
def test_a_promise_in_a_spelling_of_its_own_keeps_it(tmp_path: Path, text: str) -> None:
    output = Output("t", sla=Sla(parse_duration(text), 99.0, text, "99 %"))
    product = Product("p", "d", "o@x", (output,))
    assert imported(tmp_path, product, {}).product == product
