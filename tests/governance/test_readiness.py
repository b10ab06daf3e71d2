"""The points of the checklist, each by what it measures."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.governance.personal import is_likely_personal
from data_platform.governance.readiness import (
    Point,
    PointVerdict,
    judge_anti_patterns,
    judge_contract_points,
    judge_points,
)
from data_platform.governance.readiness_evidence import Evidence
from data_platform.spec.access.model import AccessSpec, Visibility
from data_platform.spec.product.model import Input, Output, OutputType, Product, Sla
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema

TEXT = Primitive(Kind.STRING)


def column(name: str, **more: Any) -> SchemaColumn:
    return SchemaColumn(name, TEXT, description="what it is", **more)


PROMISE = Sla(freshness=timedelta(days=1), availability=99.9)
PRODUCT = Product(
    name="orders",
    domain="commerce",
    owner="ana@x",
    outputs=(Output("fact", sla=PROMISE),),
    description="Orders",
    version="1.0.0",
    oncall=("ana@x",),
    alerts=("#orders",),
    inputs=(Input("customers", "dim"),),
    tags=("money",),
    access=AccessSpec(Visibility.INTERNAL),
)
READY = Evidence(
    product=PRODUCT,
    schemas={"fact": TableSchema((column("id"), column("email", tags=("pii",), encryption="aes-256-gcm")))},
    rules={"fact": 2},
    published={"fact": 3},
    sources=[("customers", "dim")],
    policies=4,
    owned=["commerce"],
    domains=3,
    measured=2,
    clock_runs=True,
    tested=["#orders"],
)


def found(evidence: Evidence, key: str) -> Point:
    return next(point for point in (*judge_points(evidence), *judge_anti_patterns(evidence)) if point.key == key)


def product(**changes: Any) -> Evidence:
    return replace(READY, product=replace(PRODUCT, **changes))


def test_a_product_that_has_all_of_it_is_ready() -> None:
    checked = (*judge_points(READY), *judge_anti_patterns(READY))
    assert [point.title for point in checked if not point.met] == []
    assert (len(judge_points(READY)), len(judge_anti_patterns(READY))) == (9, 4)
    assert {point.mend for point in checked} == {None}


@pytest.mark.parametrize(
    ("evidence", "key", "measured", "mend"),
    [
        (product(description=None), "definition", "missing: description", "product.yaml: description: …"),
        (product(description="TODO: say"), "definition", "missing: description", "product.yaml: description: …"),
        (product(version=None), "definition", "missing: version", "product.yaml: version: …"),
        (replace(READY, schemas={}), "definition", "missing: the schema of fact", "publish it once"),
        (product(outputs=(Output("fact"),)), "slas", "fact: freshness, fact: availability", "sla: {freshness: 1 day"),
        (product(outputs=(Output("fact"),)), "measurable", "none of fact", "sla: {freshness: 1 day}"),
        (replace(READY, rules={}), "rules", "fact: 0", "quality_rules"),
        (product(access=AccessSpec()), "access", "not declared: fact", "product.yaml: access: {visibility: internal}"),
        (replace(READY, gone=["ana@x"]), "access", "nobody decides about: fact", "access: {approvers: [TEAM]}"),
        (replace(READY, endless=["7.1"]), "access", "without an end or a review: 7.1", "access revoke ID"),
        (replace(READY, policies=0), "governed", "no policy binds it", "data-platform policies apply FILE"),
        (replace(READY, violated=["retention"]), "governed", "open incidents of retention", "incidents orders"),
        (replace(READY, sources=[]), "lineage", "0 of 1 inputs", "lineage="),
        (product(alerts=()), "monitoring", "alerts: none; tested: none; 2 of 2 promises", "alerts: [CHANNEL]"),
        (replace(READY, unreported=2), "monitoring", "2 broken without an incident", "data-platform tick"),
        (replace(READY, measured=0), "monitoring", "0 of 2 promises measured", "data-platform publish"),
        (replace(READY, clock_runs=False), "monitoring", "the clock does not run", "data-platform serve"),
        (replace(READY, tested=["other"]), "monitoring", "tested: none", "data-platform alerts test '#orders'"),
        (product(oncall=()), "oncall", "on call: nobody", "oncall: [PERSON]"),
        (replace(READY, gone=["ana@x"]), "oncall", "left: ana@x", "oncall: [PERSON]"),
        (product(tags=()), "discoverable", "missing: tags", "tags: …"),
        (replace(READY, owned=["a", "b"]), "domain-owned", "2 of 3 domains", "data-platform transfer orders --to"),
    ],
)
def test_what_is_missing_is_said_with_what_mends_it(evidence: Evidence, key: str, measured: str, mend: str) -> None:
    point = found(evidence, key)
    assert point.verdict is PointVerdict.MISSED
    assert measured in point.measured
    assert point.mend is not None
    assert mend in point.mend


def test_columns_are_counted_and_the_bare_ones_named() -> None:
    schema = TableSchema((column("id"), SchemaColumn("note", TEXT), *(SchemaColumn(f"c{n}", TEXT) for n in range(6))))
    point = found(replace(READY, schemas={"fact": schema}), "documented")
    assert point.measured == "1 of 8 columns have a description"
    assert point.mend == "schema file: a description for fact.note, fact.c0, fact.c1, fact.c2, fact.c3 and 2 more"


def test_personal_data_in_clear_is_no_access_policy() -> None:
    point = found(replace(READY, schemas={"fact": TableSchema((column("email", tags=("pii",)),))}), "access")
    assert point.verdict is PointVerdict.MISSED
    assert point.measured == "visibility: fact internal; in clear: email"


def test_approvers_decide_where_the_owner_has_left() -> None:
    access = AccessSpec(Visibility.RESTRICTED, approvers=("office", "ana@x"))
    gone = replace(product(access=access), gone=["ana@x"])
    assert found(gone, "access").met
    assert not found(replace(gone, gone=["ana@x", "office"]), "access").met
    plain = replace(READY, schemas={"fact": TableSchema((column("id"),))}, gone=["ana@x"])
    assert found(plain, "access").met


def test_a_name_that_looks_personal_must_be_tagged_or_declared_not_to_be() -> None:
    def pii(*columns: SchemaColumn) -> Point:
        return found(replace(READY, schemas={"fact": TableSchema(columns)}), "pii")

    doubtful = pii(column("customer_phone"), column("email", tags=("pii",)))
    assert doubtful.measured == "tagged: email; looks personal: customer_phone"
    assert doubtful.mend is not None
    assert doubtful.mend.startswith("product.yaml: pii_columns: [customer_phone]")
    assert pii(column("customer_phone", tags=("not-pii",))).met
    assert pii(replace(column("customer_phone"), not_pii="of our shops")).met


@pytest.mark.parametrize("name", ["email", "customerEmail", "BILLING_ADDRESS", "first_name", "dateOfBirth", "user-ip"])
def test_names_that_look_personal(name: str) -> None:
    assert is_likely_personal(column(name))


@pytest.mark.parametrize("name", ["product_name", "email_count", "phones_sold", "id", "total", "zip_file", "ชื่อ", ""])
def test_names_that_do_not(name: str) -> None:
    assert not is_likely_personal(column(name))


def test_what_cannot_be_measured_yet_does_not_hold() -> None:
    nothing = replace(READY, schemas={}, published={"fact": 0}, sources=[])
    unknown = [point.key for point in judge_points(nothing) if point.verdict is PointVerdict.UNKNOWN]
    assert unknown == ["documented", "pii", "lineage"]
    assert not any(found(nothing, key).met for key in unknown)
    outside = replace(product(inputs=()), sources=[])
    assert found(outside, "lineage").verdict is PointVerdict.UNKNOWN
    streams = product(outputs=(Output("events", OutputType.STREAM, sla=PROMISE),))
    assert found(streams, "rules").verdict is PointVerdict.UNKNOWN


def test_of_two_majors_the_newest_is_judged() -> None:
    old = Output("fact", version="1.0.0")
    point = found(product(outputs=(old, Output("fact", version="2.0.0", sla=PROMISE))), "slas")
    assert point.met


def test_one_owner_of_the_only_domain_is_no_bottleneck() -> None:
    assert found(replace(READY, owned=["a"], domains=1), "domain-owned").met
    assert found(replace(READY, owned=["a", "b"], domains=4), "domain-owned").met


PARTS: list[dict[str, Any]] = [
    {"description": None},
    {"version": None},
    {"oncall": ()},
    {"alerts": ()},
    {"tags": ()},
    {"outputs": (Output("fact"),)},
]


@given(st.sets(st.integers(0, len(PARTS) - 1)), st.sets(st.integers(0, len(PARTS) - 1)))
def test_taking_more_away_never_mends_a_point(first: set[int], second: set[int]) -> None:
    def without(parts: set[int]) -> dict[str, bool]:
        evidence = READY
        for part in sorted(parts):
            evidence = replace(evidence, product=replace(evidence.product, **PARTS[part]))
        return {point.key: point.met for point in (*judge_points(evidence), *judge_anti_patterns(evidence))}

    fewer, more = without(first), without(first | second)
    assert all(fewer[key] or not met for key, met in more.items())


def test_the_points_of_the_contract_ask_for_nothing_else() -> None:
    bare = replace(READY, published={}, sources=[], policies=0, unreported=3)
    assert all(point.met for point in judge_contract_points(bare))
    assert len(judge_contract_points(bare)) == 6
