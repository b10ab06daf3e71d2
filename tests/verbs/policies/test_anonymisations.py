"""A column made from personal data stays so until a governor who did not declare it approves that it is anonymous."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data_platform import NotFound, Refused
from data_platform.functions import col, concat, lit, substring
from data_platform.verbs.results import AnonymisationInfo, PublishResult
from tests.meshes import FilledMeshes, World

TEXT = {"type": "string"}
INPUT = "inputs: [{data_product: customers, output: t}]"
FROM_EMAIL = {"from": "customers.t.email", "method": "the first letter alone"}


@pytest.fixture
def people(tmp_path: Path, filled_meshes: FilledMeshes) -> Iterator[World]:
    with filled_meshes.open_copy(fill, tmp_path) as (world, _):
        yield world


def fill(world: World) -> None:
    """customers, whose email and name are personal; ana owns the copies."""
    rows = [{"id": 1, "email": "ann@example.org", "name": "Ann"}, {"id": 2, "email": "bob@example.org", "name": "Bob"}]
    world.product("customers", more="pii_columns: [email, name]").publish("t", rows)
    world.become("ana@x")


def publish(world: World, declared: Any = FROM_EMAIL, expression: Any = None) -> PublishResult:
    """One publish of `copy`, whose column `initial` is made from the e-mail address."""
    column = TEXT if declared is None else {**TEXT, "anonymised": declared}
    made = substring(col("email"), 1, 1) if expression is None else expression
    frame = world.platform.consume("customers", "t").select(made.alias("initial"))
    return world.product("copy", {"initial": column}, more=INPUT).publish("t", frame)


def is_protected(world: World) -> bool:
    (version, *_) = world.platform.versions("copy", "t")
    (column,) = version.schema
    masked = world.platform.consume("copy", "t", mask=True).collect()[0]["initial"] == "***"
    assert masked == ("pii" in column.tags) == (column.encryption == "aes-256-gcm")
    return masked


def only(world: World) -> AnonymisationInfo:
    """The declaration that the contract makes now."""
    (row,) = [row for row in world.platform.anonymisations("copy") if row.state != "ended"]
    return row


def test_a_declaration_alone_changes_nothing_and_the_publish_says_so(people: World) -> None:
    (warning,) = publish(people).warnings
    assert warning == (
        "the column initial is made of customers.t.email, personal data: it is masked and encrypted; "
        "a governor has to approve that it is anonymised: data-platform anonymisations list"
    )
    assert is_protected(people)
    row = only(people)
    assert (row.state, row.sources, row.method, row.declared_by) == (
        "waiting",
        ("customers.t.email",),
        "the first letter alone",
        "ana@x",
    )
    assert f"data-platform anonymisations approve {row.id}" in publish(people).warnings[0]


def test_an_approval_counts_from_the_next_publish_on_and_can_be_withdrawn(people: World) -> None:
    publish(people)
    done = people.become("gina@x").approve_anonymisation(only(people).id, "domains alone")
    assert (done.state, done.decided_by, done.note) == ("approved", "gina@x", "domains alone")
    assert is_protected(people)
    people.become("ana@x")
    assert publish(people).warnings == ()
    assert not is_protected(people)
    people.become("gina@x").refuse_anonymisation(done.id, "it names the small ones")
    (warning,) = publish(people.become("ana@x") and people).warnings
    assert "gina@x refused that it is anonymised: it names the small ones" in warning
    assert is_protected(people)


def test_nobody_approves_their_own(people: World) -> None:
    publish(people)
    with pytest.raises(Refused, match="was declared by ana@x"):
        people.platform.approve_anonymisation(only(people).id)
    assert only(people).state == "waiting"


def test_a_verdict_is_given_once_and_to_a_declaration_that_is_there(people: World) -> None:
    publish(people)
    mesh = people.become("gina@x")
    mesh.approve_anonymisation(only(people).id)
    with pytest.raises(Refused, match="is approved already"):
        mesh.approve_anonymisation(only(people).id)
    with pytest.raises(NotFound):
        mesh.approve_anonymisation(99)


@pytest.mark.long
@pytest.mark.parametrize(
    "declared",
    [
        {**FROM_EMAIL, "method": "the first two letters"},
        {**FROM_EMAIL, "from": ["customers.t.email", "customers.t.name"]},
    ],
)
def test_another_declaration_needs_another_approval(people: World, declared: Any) -> None:
    publish(people)
    first = only(people).id
    people.become("gina@x").approve_anonymisation(first)
    people.become("ana@x")
    publish(people, declared)
    assert only(people).id != first
    assert only(people).state == "waiting"
    assert is_protected(people)
    publish(people)
    assert only(people).state == "waiting"


def test_another_source_needs_another_approval(people: World) -> None:
    publish(people)
    people.become("gina@x").approve_anonymisation(only(people).id)
    people.become("ana@x")
    both = concat(substring(col("email"), 1, 1), substring(col("name"), 2, 1))
    (warning,) = publish(people, expression=both).warnings
    assert "it is declared anonymised from other columns: not from customers.t.name" in warning
    assert is_protected(people)


def test_a_value_that_is_passed_on_unchanged_is_never_anonymous(people: World) -> None:
    publish(people)
    people.become("gina@x").approve_anonymisation(only(people).id)
    people.become("ana@x")
    (warning,) = publish(people, expression=col("email")).warnings
    assert "it is declared anonymised, and passes values on unchanged" in warning
    assert is_protected(people)


def test_what_an_approved_column_really_holds_is_looked_at(people: World) -> None:
    publish(people)
    people.become("gina@x").approve_anonymisation(only(people).id)
    people.become("ana@x")
    result = publish(people, expression=concat(col("email"), lit("")))
    assert [finding.rule.column for finding in result.quality.failures] == ["initial"]


def test_an_approved_column_hands_on_nothing_personal(people: World) -> None:
    publish(people)
    people.become("gina@x").approve_anonymisation(only(people).id)
    people.become("ana@x")
    publish(people)
    frame = people.platform.consume("copy", "t").select(col("initial").alias("letter"))
    more = "inputs: [{data_product: copy, output: t}]"
    assert people.product("second", {"letter": TEXT}, more=more).publish("t", frame).warnings == ()


def test_a_renamed_source_keeps_its_approval(people: World) -> None:
    publish(people)
    people.become("gina@x").approve_anonymisation(only(people).id)
    people.become("ana@x").rename("customers", "clients")
    assert not any("personal data" in warning for warning in publish(people).warnings)
    assert not is_protected(people)


def test_a_declaration_ends_with_the_annotation(people: World) -> None:
    publish(people)
    publish(people, None)
    assert [row.state for row in people.platform.anonymisations()] == ["ended"]
    with pytest.raises(Refused, match="is ended already"):
        people.become("gina@x").approve_anonymisation(people.platform.anonymisations()[0].id)


def test_each_step_is_in_the_audit_log(people: World) -> None:
    publish(people)
    row = people.become("gina@x").approve_anonymisation(only(people).id, "domains alone")
    people.platform.refuse_anonymisation(row.id, "small ones")
    entries = [entry for entry in people.platform.audit_log() if entry.act == "anonymisation"]
    assert [(entry.details["did"], entry.by) for entry in reversed(entries)] == [
        ("declared", "ana@x"),
        ("approved", "gina@x"),
        ("refused", "gina@x"),
    ]
