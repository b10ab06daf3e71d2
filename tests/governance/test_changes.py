"""What a change of a contract breaks, for whom, and which version it asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.governance.changes import Comparison, compare
from data_platform.spec.policies.modes import Mode
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Input, Output, OutputType, Product, ProductStatus, Sla
from data_platform.spec.rules.model import AT_MOST_NONE, Bound, Operator, Rule, Severity, SqlMeasure, Unit
from data_platform.spec.schema.document import Format, SchemaDocument
from data_platform.spec.schema.types import ENCRYPTION, Kind, Primitive, SchemaColumn, TableSchema
from tests.hypothesis_lanes import examples
from tests.strategies import schemas

LONG, INT, TEXT = Primitive(Kind.LONG), Primitive(Kind.INT), Primitive(Kind.STRING)
PLAIN = TableSchema((SchemaColumn("id", LONG, True), SchemaColumn("email", TEXT)))
SLA = Sla(timedelta(minutes=15), 99.9, "15 minutes", "99.9%")


def rule(bound: Bound = AT_MOST_NONE, **more: Any) -> Rule:
    return Rule("valid", SqlMeasure("SELECT COUNT(*) FROM t WHERE id < 0"), bound, **more)


def contract(schema: TableSchema = PLAIN, version: str | None = None, **of_output: Any) -> Contract:
    output = Output("t", **of_output)
    product = Product("orders", "sales", "ana@x", (output,), version=version)
    return Contract(product, {"t": schema})


def refused(comparison: Comparison) -> list[str]:
    return [str(broken) for broken in comparison.breaks]


def test_a_removed_column_names_itself_and_the_version_to_write() -> None:
    done = compare(contract(version="1.4.0"), contract(TableSchema(PLAIN.columns[:1]), version="1.5.0"))
    assert refused(done) == ["t.email: was removed: keep it until nobody reads it"]
    assert (done.breaks[0].columns, done.breaks[0].output) == (("email",), "t")
    assert done.wanted == ("t is 1.4.0: write version: 2.0.0",)
    assert "t.email: column removed" in map(str, done.changes)


def test_a_new_major_lets_a_break_pass_and_stays_in_sight() -> None:
    old, new = contract(version="1.4.0"), contract(TableSchema(PLAIN.columns[:1]), version="2.0.0")
    done = compare(old, new)
    assert (done.bumped, refused(done), done.wanted) == (("t",), [], ())
    assert [change.allowed for change in done.changes if change.breaking] == [True]


def test_an_output_with_a_version_of_its_own_is_not_raised_by_the_products() -> None:
    old = contract(version="1.0.0", sla=SLA)
    new = contract(version="2.0.0")
    own = replace(old.product.outputs[0], version="1.2.0")
    old = replace(old, product=replace(old.product, outputs=(own,)))
    new = replace(new, product=replace(new.product, outputs=(replace(new.product.outputs[0], version="1.2.0"),)))
    done = compare(old, new)
    assert (done.bumped, done.wanted) == ((), ("t is 1.2.0: write version: 2.0.0",))


def test_a_removed_output_needs_a_new_major_of_the_product() -> None:
    old = contract()
    both = replace(old, product=replace(old.product, outputs=(*old.product.outputs, Output("u"))))
    assert compare(both, old).wanted == ("orders is 1.0.0: write version: 2.0.0",)
    assert refused(compare(both, replace(old, product=replace(old.product, version="2.0.0")))) == []


@pytest.mark.parametrize(
    ("before", "after", "subject"),
    [
        ({"sla": SLA}, {"sla": replace(SLA, freshness=timedelta(hours=1), freshness_text="1 hour")}, "sla.freshness"),
        ({"sla": SLA}, {"sla": replace(SLA, freshness=None)}, "sla.freshness"),
        ({"sla": SLA}, {"sla": replace(SLA, availability=99.0)}, "sla.availability"),
        ({"sla": SLA}, {"sla": replace(SLA, availability=None)}, "sla.availability"),
        ({"primary_key": ("id",)}, {}, "primary_key"),
        ({"rules": (rule(),)}, {}, "quality_rules.valid"),
        ({"rules": (rule(),)}, {"rules": (rule(Bound(Operator.LESS_OR_EQUAL, 5)),)}, "quality_rules.valid"),
        ({"rules": (rule(),)}, {"rules": (rule(severity=Severity.WARNING),)}, "quality_rules.valid"),
        (
            {"rules": (rule(Bound(Operator.LESS_OR_EQUAL, 3)),)},
            {"rules": (rule(Bound(Operator.LESS_OR_EQUAL, 3), unit=Unit.PERCENT),)},
            "quality_rules.valid",
        ),
        (
            {"type": OutputType.STREAM, "topic": "a"},
            {"type": OutputType.STREAM, "topic": "b"},
            "topic",
        ),
    ],
)
def test_a_looser_promise_breaks_and_the_way_back_does_not(
    before: dict[str, Any], after: dict[str, Any], subject: str
) -> None:
    done = compare(contract(**before), contract(**after))
    assert [broken.subject for broken in done.breaks] == [f"t.{subject}"]
    assert refused(compare(contract(**before), contract(**after), Mode.NONE)) == []
    if subject not in ("topic",) and after.get("rules", (rule(),))[0].unit is Unit.ROWS:
        assert refused(compare(contract(**after), contract(**before))) == []


def test_another_query_or_name_of_a_rule_is_shown_and_not_judged() -> None:
    other = replace(rule(), measure=SqlMeasure("SELECT COUNT(*) FROM t WHERE id <= 0"))
    done = compare(contract(rules=(rule(),)), contract(rules=(other,)))
    assert refused(done) == [] and done.changes
    assert refused(compare(contract(rules=(rule(),)), contract(rules=(replace(rule(), name="other"),)))) == []


def test_a_shorter_retention_breaks_and_the_first_one_does_not() -> None:
    def kept(days: int | None) -> Contract:
        return replace(contract(), product=replace(contract().product, retention_days=days))

    assert refused(compare(kept(30), kept(7))) == ["retention_days: 30 days were kept, and now 7"]
    assert refused(compare(kept(None), kept(7))) == refused(compare(kept(7), kept(30))) == []


def test_what_promised_nothing_breaks_nobody() -> None:
    old = contract(sla=SLA)
    draft = replace(old, product=replace(old.product, status=ProductStatus.DRAFT))
    assert refused(compare(draft, contract(TableSchema(PLAIN.columns[:1])))) == []


def test_a_new_major_and_no_mode_still_put_no_personal_data_in_clear() -> None:
    sealed = TableSchema((PLAIN.columns[0], SchemaColumn("email", TEXT, tags=("pii",), encryption=ENCRYPTION)))
    done = compare(contract(sealed), contract(PLAIN, version="2.0.0"), Mode.NONE)
    assert [broken.subject for broken in done.breaks] == ["t.email"]


def test_a_major_never_goes_back_and_an_addition_asks_for_a_minor() -> None:
    assert refused(compare(contract(version="2.1.0"), contract(version="1.9.0"))) == [
        "t.version: 2.1.0 goes back to major 1: write version: 2.1.0 or higher"
    ]
    grown = TableSchema((*PLAIN.columns, SchemaColumn("note", TEXT)))
    assert compare(contract(version="1.4.0"), contract(grown, version="1.4.0")).advice == (
        "t changed and is still 1.4.0: write version: 1.5.0",
    )
    assert compare(contract(), contract(grown)).advice == ()


def test_a_transitive_mode_looks_at_every_contract_of_the_major() -> None:
    def at(version: str, fields: list[dict[str, Any]]) -> Contract:
        document = SchemaDocument(Format.AVRO, {"type": "record", "name": "E", "fields": fields})
        return replace(contract(version=version, type=OutputType.STREAM), documents={"t": document})

    note = {"name": "note", "type": "string"}
    first, second, third = at("1.0.0", [{"name": "id", "type": "long"}]), at("1.1.0", []), at("1.2.0", [])
    second = at("1.1.0", [{"name": "id", "type": "long"}, note | {"default": ""}])
    third = at("1.2.0", [{"name": "id", "type": "long"}, note])
    assert refused(compare(second, third, Mode.BACKWARD, [first])) == []
    (why,) = refused(compare(second, third, Mode.BACKWARD_TRANSITIVE, [first]))
    assert why.startswith("t.note: ") and why.endswith("(since 1.0.0)")


def test_a_table_written_for_the_old_contract_is_protected_by_forward() -> None:
    grown = TableSchema((*PLAIN.columns, SchemaColumn("note", TEXT, True)))
    assert refused(compare(contract(), contract(grown))) == []
    (why,) = refused(compare(contract(), contract(grown), Mode.FORWARD))
    assert why == "t.note: is new and required, and older data does not have it"


@given(schemas(), schemas(), schemas(), st.sampled_from(Mode), st.sampled_from(Mode))
@settings(max_examples=examples(60), deadline=None)
def test_verdicts_are_monotone_in_the_mode(
    one: TableSchema, two: TableSchema, three: TableSchema, mode: Mode, other: Mode
) -> None:
    old, new, earlier = contract(one), contract(two), [contract(three)]
    if mode.is_at_least(other) and not compare(old, new, mode, earlier).breaks:
        assert compare(old, new, other, earlier).breaks == ()


@given(schemas(), st.sampled_from(Mode))
@settings(max_examples=examples(30), deadline=None)
def test_nothing_changed_is_nothing_and_an_optional_column_breaks_nobody(schema: TableSchema, mode: Mode) -> None:
    same = contract(schema, version="1.0.0", sla=SLA, rules=(rule(),))
    assert compare(same, same, mode, [same]) == Comparison()
    grown = replace(same, schemas={"t": TableSchema((*schema.columns, SchemaColumn("zz_added", TEXT)))})
    assert compare(same, grown, mode).breaks == ()


def test_a_contract_keeps_the_schema_files_of_its_streams() -> None:
    document = SchemaDocument(Format.AVRO, {"type": "record", "name": "E", "aliases": ["F"], "fields": []})
    kept = replace(contract(type=OutputType.STREAM), documents={"t": document})
    assert Contract.from_json(kept.to_json()) == kept
    assert "documents" not in contract().to_json()


def test_inputs_outputs_and_lists_are_told_one_by_one() -> None:
    def product(*inputs: Input, **more: Any) -> Contract:
        return Contract(Product("churn", "growth", "bea@x", (Output("s"),), inputs=inputs, **more), {})

    pinned = Input("orders", "t", "1.0.0")
    old = product(pinned, Input("shops", "t"), tags=("a", "b"))
    new = product(replace(pinned, version="2.0.0"), Input("customers", "t"), tags=("a",), oncall=("bea@x",))
    assert sorted(map(str, compare(old, new).changes)) == [
        "inputs.customers.t: added",
        "inputs.orders.t.version: 1.0.0 → 2.0.0",
        "inputs.shops.t: removed",
        "oncall: none → bea@x",
        "tags: a, b → a",
    ]
    none = product()
    assert [str(change) for change in compare(none, product(pinned)).changes] == ["inputs.orders.t: added"]
    assert [str(change) for change in compare(product(pinned), none).changes] == ["inputs.orders.t: removed"]


def test_each_of_two_majors_of_an_output_tells_its_change() -> None:
    def product(*texts: str) -> Contract:
        outputs = tuple(Output("t", version=f"{at}.0.0", description=text) for at, text in enumerate(texts, 1))
        return Contract(Product("orders", "sales", "ana@x", outputs), {})

    messages = [str(change) for change in compare(product("old", "new"), product("older", "newer")).changes]
    assert messages == ["outputs.t@1.0.0.description: old → older", "outputs.t@2.0.0.description: new → newer"]
