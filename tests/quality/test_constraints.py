"""A schema's own constraints, judged by DuckDB as the reference validator of JSON Schema judges them."""

from __future__ import annotations

from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.quality.constraints import build_primary_key_rules, build_schema_rules
from data_platform.quality.formats import FORMATS
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.constraints import CHECKED_FORMATS, to_words
from data_platform.spec.schema.types import (
    Constraints,
    DataType,
    Decimal,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)
from tests.hypothesis_lanes import examples
from tests.quality.audit import audit, measured

TEXT, LONG, DOUBLE = Primitive(Kind.STRING), Primitive(Kind.LONG), Primitive(Kind.DOUBLE)


def wrong_rows(kind: DataType, constraints: Constraints, values: list[Any]) -> dict[str, int | float | None]:
    """How many values break each rule of a column."""
    schema = TableSchema((SchemaColumn("v", kind, constraints=constraints),))
    table = pa.table({"v": pa.array(values, to_arrow(schema).field("v").type)})
    return {rule.name: measured(rule, table) for rule in build_schema_rules(schema)}


counts = st.none() | st.integers(0, 4)
limits = st.none() | st.integers(-3, 3) | st.sampled_from([0.5, -1.25])
patterns = st.sampled_from(["^a", "b$", "[0-9]+", "a.c", "^$"])
texts = st.text("ab0 'ä🙂", max_size=5)


@given(
    st.builds(Constraints, enum=st.none() | st.tuples(texts, texts), min_length=counts, max_length=counts,
              pattern=st.none() | patterns),
    st.lists(st.none() | texts, max_size=8),
)  # fmt: skip
def test_texts(constraints: Constraints, values: list[Any]) -> None:
    assert_as_json_schema(TEXT, constraints, values)


@given(
    st.builds(Constraints, enum=st.none() | st.tuples(st.integers(-3, 3)), minimum=limits, maximum=limits,
              exclusive_minimum=limits, exclusive_maximum=limits, multiple_of=st.none() | st.integers(1, 4)),
    st.lists(st.none() | st.integers(-6, 6), max_size=8),
)  # fmt: skip
def test_whole_numbers(constraints: Constraints, values: list[Any]) -> None:
    assert_as_json_schema(LONG, constraints, values)


@given(
    st.builds(Constraints, minimum=limits, maximum=limits, exclusive_minimum=limits, exclusive_maximum=limits,
              multiple_of=st.sampled_from([None, 0.25, 2, 0.5])),
    st.lists(st.none() | st.integers(-24, 24).map(lambda n: n / 8), max_size=8),
)  # fmt: skip
def test_fractions(constraints: Constraints, values: list[Any]) -> None:
    assert_as_json_schema(DOUBLE, constraints, values)


@given(
    st.builds(Constraints, min_items=counts, max_items=counts, unique_items=st.booleans()),
    st.lists(st.none() | st.lists(st.none() | st.integers(0, 3), max_size=5), max_size=6),
)
@settings(max_examples=examples(60))
def test_lists(constraints: Constraints, values: list[Any]) -> None:
    assert_as_json_schema(ListOf(LONG), constraints, values)


def assert_as_json_schema(kind: DataType, constraints: Constraints, values: list[Any]) -> None:
    """Every rule finds as many wrong as the reference does; a null is passed over."""
    wrong = wrong_rows(kind, constraints, values)
    words = to_words(constraints)
    assert wrong == {
        f"v.{word}": sum(
            value is not None and not jsonschema.Draft202012Validator({word: limit}).is_valid(value) for value in values
        )
        for word, limit in words.items()
    }


def test_a_hundredth_divides_prices_whatever_floats_make_of_it() -> None:
    prices = [19.99, 0.07, 0.1 + 0.2, 1e9 + 0.01, 0.005, float("nan"), float("inf")]
    assert wrong_rows(DOUBLE, Constraints(multiple_of=0.01), prices) == {"v.multipleOf": 3}
    assert wrong_rows(Decimal(9, 3), Constraints(multiple_of=0.01), ["1.990", "1.995"][:0]) == {"v.multipleOf": 0}


def test_nan_is_within_no_range() -> None:
    for constraints in (Constraints(minimum=0), Constraints(maximum=9), Constraints(exclusive_minimum=0)):
        assert list(wrong_rows(DOUBLE, constraints, [float("nan"), 1.0]).values()) == [1]


def test_a_float_is_compared_as_a_float() -> None:
    constraints = Constraints(enum=(0.1, 0.5), minimum=0.1, maximum=0.7)
    assert set(wrong_rows(Primitive(Kind.FLOAT), constraints, [0.1, 0.5]).values()) == {0}


GOOD_AND_BAD = {
    "email": (
        ["a@x.org", "first.last+tag@sub.example.co", "a@localhost", "o'neil@x.org"],
        ["a", "@x.org", "a@", "a b@x.org", "a@x..org", "a@-x.org", "a@x.org\n", "a@@x.org", f"{'a' * 250}@x.org"],
    ),
    "uuid": (
        ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"],
        ["123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g", "", "{123e4567}"],
    ),
    "uri": (
        ["https://example.org/a?b=c#d", "mailto:a@x.org", "urn:isbn:0451450523", "http://[::1]/", "a:%20"],
        ["example.org/a", "//example.org", "https://a b", "1a:b", "a:%2", "https://ä.org", "a:"],
    ),
    "hostname": (
        ["example.org", "localhost", "a-b.c1", "xn--4ca.org"],
        ["-a.org", "a-.org", "a..b", "a_b.org", "", f"{'a' * 64}.org", ".".join(["a" * 60] * 5), "a.org."],
    ),
    "ipv4": (["127.0.0.1", "255.255.255.255", "0.0.0.0"], ["256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 "]),
    "ipv6": (
        ["::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::8", "1:2:3:4:5:6:7::", "fe80::a:b"],
        ["1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::g", ":1", "1:2:3:4:5:6:7:8::", "1.2.3.4"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKED_FORMATS)
def test_formats(name: str) -> None:
    good, bad = GOOD_AND_BAD[name]
    result = audit(
        build_schema_rules(TableSchema((SchemaColumn("v", TEXT, constraints=Constraints(format=name)),)))[0],
        {"v": [*good, *bad, None]},
    )
    assert [row["v"] for row in result.rows] == bad


def test_every_format_that_is_read_is_checked() -> None:
    assert set(FORMATS) == set(CHECKED_FORMATS) == set(GOOD_AND_BAD)


def test_what_is_inside_a_column_is_judged_too() -> None:
    line = Struct(
        (
            SchemaColumn("sku", TEXT, constraints=Constraints(min_length=2)),
            SchemaColumn(
                "it's", ListOf(LONG, constraints=Constraints(minimum=0)), constraints=Constraints(max_items=2)
            ),
        )
    )
    column = SchemaColumn("lines", ListOf(line), constraints=Constraints(min_items=1))
    prices = SchemaColumn("prices", MapOf(TEXT, DOUBLE, constraints=Constraints(maximum=9)))
    schema = TableSchema((column, prices, SchemaColumn("one", line)))
    fine = {"sku": "ab", "it's": [1, None]}
    rows = [
        {"lines": [fine, None], "prices": [("a", 1.0)], "one": fine},
        {"lines": [], "prices": [("a", 10.0), ("b", 1.0)], "one": None},
        {"lines": [fine, {"sku": "a", "it's": [-1]}], "prices": None, "one": {"sku": "a", "it's": [1, 2, 3]}},
        {"lines": None, "prices": [], "one": {"sku": None, "it's": [0, -2]}},
    ]
    table = pa.Table.from_pylist(rows, schema=to_arrow(schema))
    assert {rule.name: measured(rule, table) for rule in build_schema_rules(schema)} == {
        "lines.minItems": 1,
        "lines.element.sku.minLength": 1,
        "lines.element.it's.maxItems": 0,
        "lines.element.it's.element.minimum": 1,
        "prices.value.maximum": 1,
        "one.sku.minLength": 1,
        "one.it's.maxItems": 1,
        "one.it's.element.minimum": 1,
    }


def test_rules_say_where_they_come_from() -> None:
    (rule,) = build_schema_rules(TableSchema((SchemaColumn("status", TEXT, constraints=Constraints(enum=("paid",))),)))
    assert (rule.name, rule.columns, rule.origin, rule.dimension) == (
        "status.enum",
        ("status",),
        "schema",
        "conformity",
    )
    assert audit(rule, {"status": ["paid", "lost", None]}).rows == ({"status": "lost"},)


def test_a_primary_key_is_there_and_unique() -> None:
    rules = build_primary_key_rules(["order_id", "line"])
    assert [(rule.name, rule.origin) for rule in rules] == [
        ("primary_key.order_id.not_null", "primary_key"),
        ("primary_key.line.not_null", "primary_key"),
        ("primary_key.unique", "primary_key"),
    ]
    data = {"order_id": [1, 1, 1, None], "line": [1, 2, 2, 3]}
    assert [measured(rule, data) for rule in rules] == [1, 0, 1]
    assert build_primary_key_rules([]) == ()
