"""What conditions mean: values, NULL, loops, subjects and reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.governance.facts import Consumer, Missing, Need, QualityFact
from data_platform.governance.policy_language.program import compile_program
from data_platform.spec.access.model import AccessSpec, ColumnClass, ReaderConditions, ReaderEntry, Visibility
from data_platform.spec.product.model import Input, Output, ProductStatus, Sla
from data_platform.spec.rules.model import RowCount, Rule
from data_platform.spec.schema.types import Constraints, Decimal, ListOf, SchemaColumn, Struct, TableSchema
from tests.governance.judged import COLUMNS, NOW, TEXT, contract, holds, violations

PII = "FOR column IN schema.columns WHERE column.tags CONTAINS 'pii' ASSERT column.encryption IS NOT NULL"


def test_for_names_the_column_of_the_output_that_violates() -> None:
    assert violations(PII) == {}
    clear = replace(COLUMNS[1], encryption="none")
    (violation,) = violations(PII, contract(COLUMNS[0], clear)).items()
    assert violation == (
        "orders.email",
        "column.encryption IS NOT NULL does not hold: column.encryption is not declared",
    )


def test_a_field_in_a_clear_struct_is_not_sealed_and_one_in_a_sealed_struct_is() -> None:
    inner = Struct((SchemaColumn("city", TEXT, tags=("pii",)), SchemaColumn("zip", TEXT)))
    clear = SchemaColumn("address", ListOf(inner), encryption="none")
    assert list(violations(PII, contract(clear))) == ["orders.address.city"]
    sealed = replace(clear, encryption="aes-256-gcm")
    assert violations(PII, contract(sealed)) == {}
    names = "FOR column IN schema.columns ASSERT column.path = 'address' OR column.nested"
    assert violations(names, contract(sealed)) == {}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("product.retention_days IS NULL", True),
        ("product.retention_days > 30", False),
        ("NOT product.retention_days > 30", False),
        ("NOT (product.retention_days > 30 AND product.name = 'sales')", False),
        ("NOT (product.retention_days > 30 AND product.name = 'other')", True),
        ("product.retention_days > 30 OR product.name = 'sales'", True),
        ("product.name = 'sales'", True),
        ('product.name != "sales"', False),
        ("product.name <> 'it''s'", True),
        ("product.domain IN ('finance', 'commerce')", True),
        ("product.domain NOT IN ('finance', 'commerce')", False),
        ("product.name in product.tags", True),
        ("product.tags CONTAINS 'sales' and product.tags NOT CONTAINS 'x'", True),
        ("product.owner CONTAINS '@example'", True),
        ("product.description CONTAINS 'x'", False),
        ("product.description NOT CONTAINS 'x'", False),
        ("product.owner MATCHES '@example[.]org$'", True),
        ("product.owner NOT MATCHES '^team'", True),
        ("product.description NOT MATCHES 'x'", False),
        ("product.status = 'active'", True),
        ("product.tags IS NOT NULL", True),
        ("product.alerts IS NULL", True),
        ("count(product.alerts) = 0", True),
        ("count(column IN schema.columns WHERE column.tags CONTAINS 'pii') = 1", True),
        ("any(column IN schema.columns WHERE column.required)", True),
        ("NOT any(column IN schema.columns WHERE column.name = 'x')", True),
        ("any(column IN schema.columns)", True),
        ("all(column IN schema.columns ASSERT column.description IS NOT NULL)", False),
        ("all(column IN schema.columns WHERE column.pii ASSERT column.description IS NOT NULL)", True),
        ("NOT all(column IN schema.columns WHERE column.pii ASSERT column.required)", True),
        ("all(column IN schema.columns ASSERT column.required = TRUE OR column.kind = 'string')", True),
        ("sla.freshness <= 1 hour", True),
        ("sla.freshness < 15 minutes", False),
        ("sla.availability >= 99.9%", True),
        ("sla.availability > 99.95 %", False),
        ("output.primary_key CONTAINS 'order_id' AND output.type = 'table'", True),
        ("count(output.rules) > 0 AND all(r IN output.rules ASSERT r.severity = 'blocking')", True),
        ("all(input IN inputs ASSERT input.version IS NULL)", True),
    ],
)
def test_values_are_compared_and_null_is_neither_true_nor_false(condition: str, expected: bool) -> None:
    given_product = contract(
        tags=("sales", "orders"),
        sla=Sla(freshness=timedelta(minutes=15), availability=99.9),
        primary_key=("order_id",),
        rules=(Rule("rows", RowCount()),),
        inputs=(Input("customers", "customers_dim"),),
    )
    assert holds(condition, given_product) is expected


def test_columns_tell_their_types_and_constraints() -> None:
    price = SchemaColumn("price", Decimal(10, 2), constraints=Constraints(pattern="^x", max_length=3, enum=("a",)))
    condition = (
        "column.type = 'decimal(10,2)' AND column.kind = 'decimal' AND column.pattern = '^x' "
        "AND column.max_length <= 3 AND column.enum AND NOT column.required"
    )
    assert holds(condition, contract(price))


def test_bare_names_stand_for_each_output_and_each_column() -> None:
    two = contract(outputs=(Output("a"), Output("b", description="All of it.")))
    assert list(violations("ASSERT output.description IS NOT NULL", two)) == ["a"]
    assert list(violations("ASSERT sla.freshness IS NOT NULL", two)) == ["a", "b"]
    assert list(violations("ASSERT column.required", two)) == ["a.email", "a.note", "b.email", "b.note"]
    assert list(violations("FOR output IN product.outputs ASSERT sla.freshness IS NOT NULL", two)) == ["a", "b"]
    nested = "FOR o IN product.outputs FOR c IN o.schema.columns WHERE c.required ASSERT c.description IS NOT NULL"
    assert list(violations(nested, two)) == ["a.order_id", "b.order_id"]
    assert list(violations("ASSERT count(product.outputs) > 2", two)) == ["sales"]


def test_majors_side_by_side_are_told_apart() -> None:
    majors = contract(outputs=(Output("orders", version="1.2.0"), Output("orders", version="2.0.0")))
    schemas = {"orders@1": TableSchema((SchemaColumn("a", TEXT),)), "orders": TableSchema((SchemaColumn("b", TEXT),))}
    result = violations("ASSERT column.required", replace(majors, schemas=schemas))
    assert list(result) == ["orders@1.a", "orders.b"]


def test_an_output_without_schema_has_no_columns() -> None:
    bare = replace(contract(), schemas={})
    assert violations(PII, bare) == {}
    assert list(violations("ASSERT schema IS NOT NULL", bare)) == ["orders"]
    assert list(violations("ASSERT schema.description CONTAINS 'x'", bare)) == ["orders"]
    assert list(violations("ASSERT count(schema.columns) > 0", bare)) == ["orders"]


def test_a_reason_names_each_part_that_fails_with_its_values() -> None:
    condition = "ASSERT product.retention_days <= 30 AND product.name = 'sales' AND product.tags CONTAINS 'x'"
    assert violations(condition, contract(retention_days=90, tags=("a", "b"))) == {
        "sales": "product.retention_days <= 30 does not hold: product.retention_days is 90; "
        'product.tags CONTAINS \'x\' does not hold: product.tags is "a", "b"'
    }
    assert violations("ASSERT sla.freshness <= 15 minutes", contract(sla=Sla(timedelta(hours=2)))) == {
        "orders": "sla.freshness <= 15 minutes does not hold: sla.freshness is 2 hours"
    }
    assert violations("ASSERT count(schema.columns) > 9") == {
        "orders": "count(schema.columns) > 9 does not hold: count(schema.columns) is 3"
    }


def test_quality_consumers_and_previous_are_facts_that_must_be_known() -> None:
    good = {"orders": QualityFact(98.5, "passed", NOW - timedelta(days=3), {"validity": 97.0})}
    assert holds("quality.score >= 95 AND quality.age < 7 days AND quality.validity > 96", quality=good)
    assert not holds("quality.accuracy > 90", quality=good)
    reader = Consumer("reports", "orders", "bi@example.org", "bi", ("email",), NOW - timedelta(days=40))
    assert holds("any(c IN consumers WHERE c.columns CONTAINS 'email' AND c.idle > 30 days)", consumers=[reader])
    assert holds("consumers IS NULL", consumers=[])
    assert holds("previous IS NULL", previous=None)
    assert not holds("previous.retention_days < 90", previous=None)
    assert holds("count(previous.outputs) = 0", previous=None)
    assert holds("previous.retention_days < 90 AND count(previous.outputs) = 1", previous=contract(retention_days=30))
    for condition in ("quality.score > 1", "count(consumers) = 0", "previous IS NULL"):
        with pytest.raises(Missing):
            holds(condition)
    with pytest.raises(Missing, match="orders has not been measured yet"):
        holds("quality.score > 1", quality={})


def test_a_program_says_what_it_needs() -> None:
    def needs(condition: str) -> set[Need]:
        made, _ = compile_program(f"ASSERT {condition}")
        assert made is not None
        return set(made.needs)

    assert needs("product.status = 'active'") == set()
    assert needs("quality.score > 1") == {Need.QUALITY}
    assert needs("any(c IN consumers WHERE c.idle > 1 day)") == {Need.CONSUMERS, Need.TIME}
    assert needs("previous.version IS NULL") == {Need.PREVIOUS}


@given(
    st.sampled_from(list(ProductStatus)), st.none() | st.integers(1, 400), st.lists(st.sampled_from("abc"), max_size=3)
)
def test_a_condition_and_its_negation_never_both_hold(status: ProductStatus, days: int | None, tags: list[str]) -> None:
    product = contract(status=status, retention_days=days, tags=tuple(tags))
    for condition in (
        "product.retention_days > 100 AND product.tags CONTAINS 'a'",
        "product.status IN ('active', 'draft') OR product.retention <= 30 days",
        "any(tag IN product.tags WHERE tag MATCHES '[ab]' AND product.retention_days < 200)",
        "all(tag IN product.tags ASSERT tag = 'a' OR product.retention_days != 7)",
        "count(tag IN product.tags WHERE tag != 'a') >= 1",
    ):
        is_true, is_false = holds(condition, product), holds(f"NOT ({condition})", product)
        assert not (is_true and is_false)
        if days is not None:
            assert is_true or is_false
        assert holds(f"NOT NOT ({condition})", product) is is_true


CLOSED = "FOR output IN product.outputs WHERE output.opens_personal_data ASSERT output.visibility = 'restricted'"


@pytest.mark.parametrize(
    ("columns", "opens"),
    [
        (None, False),
        (ColumnClass.NON_PERSONAL, False),
        (ColumnClass.ALL, True),
        (("id",), False),
        (("id", "email"), True),
    ],
)
def test_a_policy_knows_whether_readers_open_personal_data(
    columns: ColumnClass | tuple[str, ...] | None, opens: bool
) -> None:
    readers = (ReaderEntry(ReaderConditions(teams=("risk",)), columns),)
    for access in (AccessSpec(readers=readers), AccessSpec(Visibility.RESTRICTED, readers=readers)):
        judged = contract()
        judged = replace(judged, product=replace(judged.product, access=access))
        assert bool(violations(CLOSED, judged)) == (opens and access.visibility is None)
    denying = AccessSpec(readers=(replace(readers[0], deny=True),))
    judged = contract()
    assert violations(CLOSED, replace(judged, product=replace(judged.product, access=denying))) == {}
