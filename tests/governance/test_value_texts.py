"""Whatever changes is told in words: never as Python writes a value."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from data_platform.governance.changes import compare, list_contract_changes
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Expectations, Input, Output, OutputType, Product, ProductStatus, Sla
from data_platform.spec.rules.model import Bound, Operator, Rule, Severity, SqlMeasure
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

TEXT, LONG = Primitive(Kind.STRING), Primitive(Kind.LONG)
RULE = Rule("r", SqlMeasure("SELECT 1"), Bound(Operator.MUST_BE, 0))
OUTPUT = Output("t", rules=(RULE,))
PRODUCT = Product("orders", "sales", "ana@x", (OUTPUT,))
PYTHON = re.compile(r"\bNone\b|\bTrue\b|\bFalse\b|[{}']|\w+\(|\bdatetime\b|<\w+\.")


def contract(product: Product = PRODUCT, *columns: SchemaColumn) -> Contract:
    return Contract(product, {"t": TableSchema(columns)} if columns else {})


def column(**changes: object) -> SchemaColumn:
    return replace(SchemaColumn("a", TEXT), **changes)


COLUMNS = [
    column(required=True),
    column(description="words"),
    column(tags=("pii", "hr")),
    column(encryption="aes-256-gcm"),
    column(encryption="none"),
    column(type=Primitive(Kind.LONG)),
    column(type=ListOf(TEXT)),
    column(type=ListOf(TEXT, element_required=True, constraints=Constraints(min_length=2))),
    column(type=MapOf(TEXT, TEXT, constraints=Constraints(enum=("a", "b")))),
    column(type=Struct((SchemaColumn("x", TEXT, required=True, constraints=Constraints(pattern="^a")),))),
    column(constraints=Constraints(enum=("a", "b"), pattern="^a", min_length=1, format="email")),
    column(constraints=Constraints(minimum=1, exclusive_maximum=2.5, multiple_of=0.5, unique_items=True)),
    column(constraints=Constraints(enum=(True, False, 1), max_items=2, max_length=9)),
]
PRODUCTS = [
    replace(
        PRODUCT, description="words", tags=("a", "b"), retention_days=30, status=ProductStatus.DRAFT, version="2.0.0"
    ),
    replace(PRODUCT, inputs=(Input("a", "t", expectations=Expectations(columns=("x",), rules=(RULE,))),)),
    replace(PRODUCT, oncall=("x@y",), alerts=("#a",), pii_columns=("a",), odps={"support": {"channel": None}}),
    replace(PRODUCT, outputs=(replace(OUTPUT, rules=()),)),
    replace(PRODUCT, outputs=(replace(OUTPUT, rules=(replace(RULE, severity=Severity.WARNING),)),)),
    replace(PRODUCT, outputs=(replace(OUTPUT, rules=(replace(RULE, bound=Bound(Operator.BETWEEN, (1, 2))),)),)),
    replace(PRODUCT, outputs=(replace(OUTPUT, primary_key=("a",), partition_by=("a",), topic="x", tags=("y",)),)),
    replace(PRODUCT, outputs=(replace(OUTPUT, sla=Sla(timedelta(hours=1), availability=99.9)),)),
    replace(PRODUCT, outputs=(replace(OUTPUT, odcs={"price": {"amount": 1, "free": True}}),)),
    replace(PRODUCT, outputs=(replace(OUTPUT, type=OutputType.STREAM), Output("u"))),
]


def sentences(old: Contract, new: Contract) -> list[str]:
    comparison = compare(old, new)
    return [
        *list_contract_changes(old, new),
        *map(str, comparison.changes),
        *map(str, comparison.breaks),
        *comparison.wanted,
        *comparison.advice,
    ]


@pytest.mark.parametrize("changed", COLUMNS)
def test_changes_of_a_column_are_words(changed: SchemaColumn) -> None:
    for pair in ((column(), changed), (changed, column())):
        messages = sentences(*(contract(PRODUCT, side) for side in pair))
        assert messages
        assert [text for text in messages if PYTHON.search(text.replace("decimal(", ""))] == []


@pytest.mark.parametrize("changed", PRODUCTS)
def test_changes_of_a_product_are_words(changed: Product) -> None:
    for pair in ((PRODUCT, changed), (changed, PRODUCT)):
        messages = sentences(*map(contract, pair))
        assert messages
        assert [text for text in messages if PYTHON.search(text)] == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ({"enum": ("a",)}, {}, "enum a is no longer demanded"),
        ({"enum": ("a",)}, {"enum": ("a", "b")}, "enum a was demanded, and now a, b"),
        ({"pattern": "^a"}, {}, "pattern ^a is no longer demanded"),
        ({"min_length": 2}, {}, "minLength 2 is no longer demanded"),
        ({"min_length": 2}, {"min_length": 1}, "minLength 2 was demanded, and now 1"),
        ({"format": "email"}, {}, "format email is no longer demanded"),
        ({"maximum": 2}, {"maximum": 3}, "maximum 2 was demanded, and now 3"),
        ({"unique_items": True}, {}, "uniqueItems true is no longer demanded"),
    ],
)
def test_a_constraint_that_is_gone_or_looser_breaks_like_a_rule(
    before: dict[str, object], after: dict[str, object], message: str
) -> None:
    kind = {"maximum": LONG, "unique_items": ListOf(TEXT)}.get(next(iter(before)), TEXT)
    old, new = (column(type=kind, constraints=Constraints(**words)) for words in (before, after))
    (broken,) = compare(contract(PRODUCT, old), contract(PRODUCT, new)).breaks
    assert (broken.subject, broken.message, broken.columns) == ("t.a", message, ("a",))
    assert not compare(contract(PRODUCT, new), contract(PRODUCT, old)).breaks
    nested = [SchemaColumn("s", Struct((inner,))) for inner in (old, new)]
    assert [change.subject for change in compare(*(contract(PRODUCT, side) for side in nested)).breaks] == ["t.s.a"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"minimum": 1}, {"exclusive_minimum": 1}),
        ({"enum": ("a", "b")}, {"enum": ("a",)}),
        ({"pattern": "^a"}, {"pattern": "^b"}),
        ({"max_length": 3}, {"max_length": 2}),
        ({"multiple_of": 2}, {"multiple_of": 4}),
        ({"min_length": 0}, {}),
        ({"pattern": ".*"}, {}),
    ],
)
def test_a_constraint_that_demands_as_much_breaks_nobody(before: dict[str, object], after: dict[str, object]) -> None:
    kind = LONG if {"minimum", "multiple_of"} & set(before) else TEXT
    pair = (contract(PRODUCT, column(type=kind, constraints=Constraints(**words))) for words in (before, after))
    assert not compare(*pair).breaks


INT, DOUBLE = Primitive(Kind.INT), Primitive(Kind.DOUBLE)
OTHER_WORDS: list[tuple[DataType, dict[str, object], dict[str, object]]] = [
    (LONG, {"maximum": 5}, {"exclusive_maximum": 6}),
    (LONG, {"maximum": 5.5}, {"maximum": 5}),
    (INT, {"minimum": 1}, {"exclusive_minimum": 0}),
    (Decimal(9, 0), {"minimum": 1}, {"exclusive_minimum": 0.5}),
    (LONG, {"multiple_of": 1}, {}),
    (LONG, {"multiple_of": 0.5}, {}),
    (LONG, {"multiple_of": 1.5}, {"multiple_of": 3}),
    (LONG, {"enum": (1, 2)}, {"minimum": 1, "maximum": 2}),
    (INT, {"maximum": 2**31 - 1, "minimum": -(2**31)}, {}),
    (Primitive(Kind.BOOLEAN), {"enum": (True, False)}, {}),
    (ListOf(LONG), {"min_items": 0}, {}),
    (ListOf(LONG), {"unique_items": True, "max_items": 1}, {"max_items": 1}),
]


@pytest.mark.parametrize(("kind", "before", "after"), OTHER_WORDS)
def test_the_same_demand_in_other_words_breaks_nobody_in_either_direction(
    kind: DataType, before: dict[str, object], after: dict[str, object]
) -> None:
    one, two = (contract(PRODUCT, column(type=kind, constraints=Constraints(**words))) for words in (before, after))
    assert not compare(one, two).breaks
    assert not compare(two, one).breaks


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (DOUBLE, {"maximum": 5}, {"exclusive_maximum": 6}),
        (DOUBLE, {"multiple_of": 1}, {}),
        (Decimal(9, 2), {"minimum": 1}, {"exclusive_minimum": 0}),
        (LONG, {"maximum": 5}, {"exclusive_maximum": 7}),
        (LONG, {"multiple_of": 1.5}, {"multiple_of": 1}),
        (LONG, {"enum": (1, 2)}, {"minimum": 1, "maximum": 3}),
        (LONG, {"maximum": 2**31 - 1}, {}),
        (ListOf(LONG), {"unique_items": True, "max_items": 2}, {"max_items": 2}),
        (TEXT, {"pattern": "^a"}, {"enum": ("a", "b")}),
    ],
)
def test_what_demands_less_over_its_type_breaks(
    kind: DataType, before: dict[str, object], after: dict[str, object]
) -> None:
    one, two = (contract(PRODUCT, column(type=kind, constraints=Constraints(**words))) for words in (before, after))
    assert compare(one, two).breaks
