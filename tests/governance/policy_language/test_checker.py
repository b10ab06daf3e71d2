"""What is refused when a condition is loaded, where, and with which hint."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.governance.facts import Consumer, QualityFact
from data_platform.governance.policy_language.grammar import KEYWORDS
from data_platform.governance.policy_language.model import RECORDS, ROOTS, Attribute, ListType, RecordType
from data_platform.governance.policy_language.program import compile_program
from data_platform.governance.policy_language.views import HELPERS
from data_platform.spec.product.model import Input, Sla, SlaProperty
from data_platform.spec.rules.model import RowCount, Rule, Unchecked
from tests.governance.judged import NOW, contract, problems, violations
from tests.hypothesis_lanes import examples


@pytest.mark.parametrize(
    ("condition", "at", "message", "hint"),
    [
        ("ASSERT prodct.name = 'x'", 7, 'there is no "prodct" here', "did you mean product?"),
        ("ASSERT product.retention_day IS NULL", 15, "a product has no `retention_day`", "product.retention_days?"),
        ("ASSERT product.name.x = 'y'", 20, "product.name is text and has no `x`", "write product.name alone"),
        ("ASSERT product.outputs.name = 'y'", 23, "is a list of outputs and has no `name`", "any(output IN"),
        ("ASSERT product.name > 'a'", 7, "text has no order", "compare with ="),
        ("ASSERT product.name = 3", 22, "product.name is text, and 3 is a number", "write '3'"),
        ("ASSERT product.name = NULL", 22, "nothing equals NULL", "write product.name IS NULL"),
        ("ASSERT product.name != NULL", 23, "nothing equals NULL", "write product.name IS NOT NULL"),
        ("ASSERT sla.availability >= 99.9", 27, "sla.availability is a percentage", "write 99.9%"),
        ("ASSERT sla.freshness <= 15", 24, "sla.freshness is a duration", "such as 15 days"),
        ("ASSERT product.retention_days > 30 days", 32, "product.retention_days is a number", "without a unit"),
        ("ASSERT column.encryption != 'none'", 28, 'never "none"', "write column.encryption IS NULL"),
        ("ASSERT product.status = 'actve'", 24, 'never "actve"', "did you mean 'active'?"),
        ("ASSERT product.status IN ('active', 'x')", 36, 'never "x"', "one of proposed, draft, active"),
        ("ASSERT product.tags = 'x'", 7, "product.tags is a list of texts", "write product.tags CONTAINS"),
        ("ASSERT product.inputs CONTAINS 'x'", 7, "holds no single value", "any(input IN product.inputs WHERE"),
        ("ASSERT product.retention_days CONTAINS 3", 7, "contains nothing", "write product.retention_days = 3"),
        ("ASSERT product.name", 7, "alone says nothing", "product.name IS NOT NULL"),
        ("ASSERT TRUE", 7, "TRUE alone decides nothing", "name an attribute"),
        ("ASSERT 1 = 1", 7, "two literal values", "name an attribute"),
        ("ASSERT product.name MATCHES '('", 28, "is not a regular expression of RE2", None),
        ("ASSERT product.name MATCHES '(?=a)b'", 28, "is not a regular expression of RE2", None),
        ("FOR x IN product.name ASSERT x = 'a'", 9, "product.name is text, and a list is required here", None),
        ("FOR product IN product.outputs ASSERT product.name = 'a'", 4, "`product` is the product", "another name"),
        ("FOR x IN inputs FOR x IN inputs ASSERT x.version IS NULL", 20, "is already defined", "another"),
        ("FOR o IN product.outputs ASSERT schema.columns IS NULL", 32, "`schema` of which output?", "o.schema"),
        ("ASSERT sla = 3", 7, "sla is a sla, not one value", "write sla.freshness or"),
        (
            "ASSERT product.owner IN product.name",
            24,
            "product.name is text, not a list",
            "product.owner = product.name",
        ),
        ("ASSERT product.name = 'it", 22, "a text is not closed in its line", "close it with '"),
        ("ASSERT product.x IS NULL AND product.y IS NULL", 15, "a product has no `x`", None),
        ("ASSERT", 6, "the condition ends too early", "write a name such as product.owner"),
        ("product.name IS NOT NULL", 0, '"product" is not allowed here', "write ASSERT or FOR"),
    ],
)
def test_a_problem_has_its_place_and_a_hint(condition: str, at: int, message: str, hint: str | None) -> None:
    problem = problems(condition)[0]
    assert problem[0] == at
    assert message in problem[1]
    assert hint is None or hint in (problem[2] or "")


def test_all_problems_of_a_condition_are_told_at_once() -> None:
    assert [at for at, _, _ in problems("ASSERT product.x IS NULL AND product.y IS NULL OR z = 3")] == [15, 37, 50]


def test_what_is_always_true_is_doubted() -> None:
    made, _ = compile_program("ASSERT product.owner IS NOT NULL")
    assert made is not None
    assert [warning.message for warning in made.warnings] == ["product.owner is never NULL"]


@pytest.mark.parametrize(
    "hostile",
    [
        "ASSERT " + "(" * 500 + "column.required" + ")" * 500,
        "ASSERT " + "NOT " * 2_000 + "column.required",
        "ASSERT " + "(NOT " * 400 + "column.required" + ")" * 400,
        "ASSERT " + "any(x IN inputs WHERE " * 100 + "x.version IS NULL" + ")" * 100,
        "FOR x IN inputs " * 600 + "ASSERT x.version IS NULL",
        "ASSERT " + "(" * 9_900,
        "ASSERT product.name = '" + "a" * 20_000 + "'",
        "ASSERT product.name MATCHES '" + "(a{999}){999}" + "'",
        "ASSERT product" + ".name" * 1_900,
        "ASSERT " + "'" * 9_000,
    ],
    ids=range(10),
)
def test_a_hostile_condition_is_refused_at_once(hostile: str) -> None:
    begin = time.process_time()
    assert problems(hostile)
    assert time.process_time() - begin < 2


def test_a_long_flat_condition_is_fine() -> None:
    made, _ = compile_program("ASSERT " + " OR ".join(["column.required"] * 500))
    assert made is not None


WORDS = st.sampled_from(
    [*KEYWORDS, *ROOTS, "columns", "tags", "name", ".", "(", ")", ",", "'x'", "3", "30 days", "99%"]
)


@settings(max_examples=examples(150), deadline=None)
@given(st.text(max_size=60) | st.lists(WORDS, max_size=14).map(" ".join).map("ASSERT {}".format))
def test_any_text_is_a_program_or_has_problems(text: str) -> None:
    made, errors = compile_program(text)
    assert (made is None) == bool(errors)
    assert all(0 <= problem.at <= len(text) for problem in errors)


LOOPS = {
    "rule": "FOR rule IN output.rules",
    "check": "FOR check IN output.unchecked",
    "promise": "FOR promise IN sla.properties",
    "input": "FOR input IN inputs",
    "consumer": "FOR consumer IN consumers",
}
ATTRIBUTES = [(name, attribute) for name, attributes in RECORDS.items() for attribute in attributes.values()]


@pytest.mark.parametrize(("name", "attribute"), ATTRIBUTES, ids=[f"{n}.{a.name}" for n, a in ATTRIBUTES])
def test_every_attribute_is_read_and_is_never_null_where_the_model_says_so(name: str, attribute: Attribute) -> None:
    product = contract(
        sla=Sla(properties=(SlaProperty("retention", True),)),
        rules=(Rule("rows", RowCount()),),
        unchecked=(Unchecked("fresh", "text", "it is text"),),
        inputs=(Input("customers", "customers_dim"),),
    )
    facts = {
        "quality": {"orders": QualityFact(90.0, "passed", NOW)},
        "consumers": [Consumer("reports", "orders")],
    }
    condition = f"{LOOPS.get(name, '')} ASSERT {name}.{attribute.name} IS NOT NULL"
    result = violations(condition, product, **facts)
    assert not (attribute.always and result)


def test_every_record_can_be_reached() -> None:
    reached = {root.type for root in ROOTS.values()}
    for attributes in RECORDS.values():
        reached |= {attribute.type for attribute in attributes.values()}
    names = {kind.element if isinstance(kind, ListType) else kind for kind in reached}
    assert {kind.name for kind in names if isinstance(kind, RecordType)} == set(RECORDS)
    assert "__builtins__" not in HELPERS
