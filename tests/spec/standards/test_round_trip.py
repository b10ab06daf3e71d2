"""A product written as ODPS and ODCS is the same product when it is read again, whatever it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.spec.access.filter_text import parse_row_filter
from data_platform.spec.access.masks import REDACT, Mask, MaskKind
from data_platform.spec.access.model import (
    AccessSpec,
    ColumnClass,
    ReaderConditions,
    ReaderEntry,
    RowFilter,
    Visibility,
)
from data_platform.spec.product.duration import parse_duration
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import Input, Output, OutputType, Product, ProductStatus, Sla, SlaProperty
from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.metrics import make_library_rule
from data_platform.spec.rules.model import DIMENSIONS, Bound, Operator, Rule, Severity, SqlMeasure, Unchecked, Unit
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema
from data_platform.spec.standards.exporting import Standard, export
from data_platform.spec.standards.importing import Imported, import_files
from data_platform.spec.standards.odcs.checks_out import make_unique_rule
from data_platform.spec.standards.product_text import write_product_text
from tests.hypothesis_lanes import examples
from tests.spec.product import test_model as test_product
from tests.spec.standards.official import need_standards, validator
from tests.strategies import schemas

lines = st.sampled_from(["orders", "no", "1e5", "2026-01-01", "0o17", "a: 'b' #c", "ลูกค้า 日本", "{x}", "~", "a@x"])
free = lines | st.sampled_from(["two\nlines", " spaced ", "x\x85y\u2028z", "tail \nhead\n", "\n\n- a", "x" * 90])
versions = st.sampled_from(["1.0.0", "2.10.3-rc.1"])
names = st.sampled_from(["orders", "a-b", "x_1", "t", "z9"])


def several(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=2, unique=True).map(tuple)


SCHEMA = TableSchema(
    (SchemaColumn("a", Primitive(Kind.STRING)), SchemaColumn("b", Primitive(Kind.LONG), required=True))
)
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("expect_column_values_to_not_be_null", {"column": "a"}),
    ("expect_column_values_to_be_in_set", {"column": "a", "value_set": ["x", "", "2022-01-01"], "mostly": 0.9}),
    ("expect_column_values_to_be_between", {"column": "b", "min_value": 0, "max_value": 9.5, "strict_min": True}),
    ("expect_column_max_to_be_between", {"column": "b", "max_value": 9}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["a", "b"]}),
    ("expect_table_row_count_to_equal", {"value": 3}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}),
    ("expect_table_columns_to_match_set", {"column_set": ["b", "a"], "exact_match": False}),
    ("expect_column_values_to_be_of_type", {"column": "b", "type_": "int64"}),
    ("expect_column_value_z_scores_to_be_less_than", {"column": "b", "threshold": 3, "double_sided": True}),
    (
        "expect_column_quantile_values_to_be_between",
        {"column": "b", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[0, None]]}},
    ),
    ("expect_column_values_to_be_increasing", {"column": "b", "strictly": True, "order_by": "a"}),
    ("unexpected_rows_expectation", {"unexpected_rows_query": "SELECT * FROM {batch} WHERE b < 0"}),
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
UNIQUE = make_unique_rule("b")


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
    return make_library_rule(
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
def queries(draw: st.DrawFn, table: str) -> Rule:
    condition = draw(st.sampled_from(["a IS NULL", "b < 0", "a LIKE '%: #%'\n  AND b > 1"]))
    return Rule(
        draw(lines),
        SqlMeasure(f'SELECT COUNT(*) FROM "{table}" WHERE {condition}'),
        draw(test_product.bounds()),
        draw(st.sampled_from(Severity)),
        dimension=draw(st.none() | st.sampled_from(DIMENSIONS)),
        description=draw(st.none() | free),
        columns=draw(st.sampled_from([(), ("a",)])),
    )


@st.composite
def promises(draw: st.DrawFn) -> SlaProperty:
    more = draw(st.sampled_from([{}, {"driver": "regulatory"}, {"valueExt": 1, "schedule": "0 20 * * *"}]))
    value = draw(st.none() | st.booleans() | st.integers(-9, 9) | free)
    return SlaProperty(
        draw(st.sampled_from(["retention", "frequency"])), value, draw(st.sampled_from([None, "y"])), None, more
    )


@st.composite
def slas(draw: st.DrawFn, columns: list[str]) -> Sla:
    text = draw(st.sampled_from([None, "1 day", "15 minutes", "1.5 hours", "90minutes"]))
    share = draw(st.sampled_from([None, "99.9%", "100%", "99 %"]))
    return Sla(
        text and parse_duration(text),
        share and float(share.strip(" %")),
        text,
        share,
        draw(st.none() | st.sampled_from(columns)),
        draw(st.sampled_from([None, "Europe/Zurich", "UTC"])),
        tuple(draw(st.lists(promises(), max_size=2))),
    )


ACCESS_TEXTS = lines.filter(lambda text: len(text) <= 100)
CONDITIONS = st.builds(
    ReaderConditions,
    teams=several(ACCESS_TEXTS),
    roles=several(st.sampled_from(["consumer", "owner"])),
    purposes=several(ACCESS_TEXTS),
).filter(str)
FILTERS = st.sampled_from(
    ["a = principal.region", "a in ('x', 'y') and not (a is null or a > '\u00e4')", "(a between 'a' and principal.b)"]
).map(lambda text: RowFilter(text, parse_row_filter(text)))
COLUMNS = st.none() | st.sampled_from(ColumnClass) | st.just(("a",))
READERS = st.builds(ReaderEntry, CONDITIONS, COLUMNS, st.none() | FILTERS) | st.builds(
    ReaderEntry, CONDITIONS, deny=st.just(True)
)
ACCESS = st.builds(
    AccessSpec,
    visibility=st.none() | st.sampled_from(Visibility),
    discoverable=st.none() | st.booleans(),
    readers=st.none() | several(READERS),
    rows=st.none() | FILTERS,
    masks=st.dictionaries(st.just("a"), st.sampled_from([REDACT, Mask(MaskKind.NULL), Mask(MaskKind.PARTIAL)])),
    auto_approve=st.none() | several(CONDITIONS),
    terms=st.none() | free,
    approvers=several(ACCESS_TEXTS),
)


def has_a(schema: TableSchema | None) -> bool:
    return schema in (None, SCHEMA)


@st.composite
def outputs(draw: st.DrawFn) -> tuple[Output, TableSchema | None]:
    """An output with the schema that its file would hold: of every type, or one that rules can name."""
    name, kind = draw(names), draw(st.sampled_from(OutputType))
    schema = draw(st.none() | st.just(SCHEMA) | schemas(max_size=3))
    columns = list(schema.names) if schema else ["a", "b"]
    keys = st.lists(st.sampled_from(columns), unique=True, max_size=2).map(tuple)
    found = draw(st.lists(queries(name) | metrics() | expectations() | st.just(UNIQUE), max_size=4))
    rules = {rule.name: rule for rule in found if schema in (None, SCHEMA)}
    checks = {check.name: check for check in draw(st.lists(unchecked(), max_size=2)) if schema in (None, SCHEMA)}
    return Output(
        name=name,
        type=kind,
        description=draw(st.none() | free),
        version=draw(st.none() | versions),
        schema_path=schema and f"schemas/{name}.{draw(st.sampled_from(['json', 'avsc']))}",
        topic=draw(st.sampled_from([None, f"a.b-c_1.{name}"])) if kind is OutputType.STREAM else None,
        primary_key=draw(keys),
        partition_by=draw(keys),
        sla=draw(slas(columns)),
        rules=tuple(sorted(rules.values(), key=lambda rule: rule.origin == "expect")),
        tags=draw(several(free)),
        unchecked=tuple(check for check in checks.values() if check.name not in rules),
        contract_id=draw(st.sampled_from([None, "53581432-6c55-4ba2-a65f-72344a91553a"])),
        access=replace(draw(ACCESS), discoverable=None) if has_a(schema) else AccessSpec(),
    ), schema


@st.composite
def products(draw: st.DrawFn) -> tuple[Product, dict[str, TableSchema]]:
    name = draw(names)
    drawn = draw(st.lists(outputs(), min_size=1, max_size=2, unique_by=lambda pair: pair[0].name))
    ids = [output.contract_id for output, _ in drawn]
    shared = [replace(o, contract_id=None) if ids.count(o.contract_id) > 1 else o for o, _ in drawn]
    known = {output.name: schema for output, schema in drawn if schema is not None}
    unsettled = any(output.type is OutputType.TABLE and schema is None for output, schema in drawn)
    other = st.builds(Input, st.sampled_from(["customers", "raw"]), names, st.none() | versions)
    return Product(
        name=name,
        domain=draw(names),
        owner=draw(lines),
        outputs=tuple(shared),
        description=draw(st.none() | free),
        id=draw(st.none() | lines.filter(lambda id: id != name)),
        version=draw(st.none() | versions),
        status=draw(st.none() | st.sampled_from(ProductStatus)),
        retention_days=draw(st.none() | st.integers(1, 36_500)),
        oncall=draw(several(lines)),
        alerts=draw(several(lines)),
        inputs=tuple(draw(st.lists(other, max_size=2, unique_by=str))),
        tags=draw(several(free)),
        pii_columns=draw(several(lines)) if unsettled else (),
        access=draw(ACCESS) if all(map(has_a, known.values())) else AccessSpec(),
    ), known


def imported(folder: Path, product: Product, known: dict[str, TableSchema]) -> Imported:
    """The product after it was written as ODPS and ODCS, and read again."""
    paths = []
    for standard in (Standard.ODPS, Standard.ODCS):
        for name, text in export(product, known, standard).texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
            paths.append(folder / name)
    return import_files(paths)


@given(products())
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_is_valid_under_the_official_schemas(drawn: tuple[Product, dict[str, TableSchema]]) -> None:
    need_standards()
    for standard in (Standard.ODPS, Standard.ODCS):
        for text in export(*drawn, standard).texts.values():
            validator(standard.value).validate(text)


@given(products())
@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_of_a_product_is_lost(tmp_path: Path, drawn: tuple[Product, dict[str, TableSchema]]) -> None:
    product, known = drawn
    for old in tmp_path.iterdir():
        old.unlink()
    again = imported(tmp_path, product, known)
    assert again.product == product
    assert again.schemas == known


@given(products())
@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
def test_the_text_of_product_yaml_is_the_product(tmp_path: Path, drawn: tuple[Product, dict[str, TableSchema]]) -> None:
    product = replace(drawn[0], outputs=tuple(replace(output, schema_path=None) for output in drawn[0].outputs))
    (tmp_path / "product.yaml").write_text(write_product_text(product), encoding="utf-8", newline="")
    assert load_product(tmp_path).product == product


def test_outputs_that_share_a_contract_are_written_as_one(tmp_path: Path) -> None:
    fresh = Sla(timedelta(days=1), None, "1 day", None, "a")
    one = Output("one", schema_path="schemas/one.json", contract_id="both", sla=fresh)
    two = Output("two", OutputType.STREAM, schema_path="schemas/two.json", contract_id="both")
    product, known = Product("p", "d", "o@x", (one, two)), {"one": SCHEMA, "two": SCHEMA}
    assert len(export(product, known, Standard.ODCS).texts) == 1
    again = imported(tmp_path, product, known)
    assert (again.product, again.schemas) == (product, known)


@pytest.mark.parametrize("own", [None, "2.1.0"], ids=["the product's version", "its own version"])
def test_majors_of_one_output_keep_their_schemas_and_contracts(tmp_path: Path, own: str | None) -> None:
    old_schema = TableSchema((SchemaColumn("a", Primitive(Kind.STRING)),))
    old = Output("t", version="1.4.0", schema_path="schemas/t@1.json", description="Until March.")
    new = Output("t", version=own, schema_path="schemas/t.json", primary_key=("b",))
    product, known = Product("p", "d", "o@x", (old, new), version="2.0.0"), {"t@1": old_schema, "t": SCHEMA}
    assert len(export(product, known, Standard.ODCS).texts) == 2
    again = imported(tmp_path, product, known)
    assert (again.product, again.schemas, again.warnings) == (product, known, ())
    alone = tmp_path / "alone"
    alone.mkdir()
    text = export(product, known, Standard.ODPS).texts["p.odps.yaml"]
    (alone / "p.odps.yaml").write_text(text)
    bare = import_files([alone / "p.odps.yaml"]).product
    assert [(o.name, bare.major(o), bare.contract_id(o)) for o in bare.outputs] == [("t", 1, "p.t@1"), ("t", 2, "p.t")]


@pytest.mark.parametrize("text", ["15minutes", "1.50 hours", "1 Day"])
def test_a_promise_in_a_spelling_of_its_own_keeps_it(tmp_path: Path, text: str) -> None:
    output = Output("t", sla=Sla(parse_duration(text), 99.0, text, "99 %"))
    product = Product("p", "d", "o@x", (output,))
    assert imported(tmp_path, product, {}).product == product
