"""A publish finds personal data that nobody declared, and says so without a value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from data_platform import DataQualityError
from data_platform.quality.verdict import Outcome
from data_platform.record.governance import judgements
from tests.meshes import World

TEXT = {"type": "string"}
MAILS = [{"id": number, "contact": f"u{number}@example.org"} for number in range(1, 41)]
COLUMNS = {"id": {"type": "integer"}, "contact": TEXT}
NOTE = "100 % of 40 sampled values look like e-mail addresses"


def apply(world: World, text: str) -> None:
    (world.root / "policies.yaml").write_text(text)
    world.platform.apply_policies(world.root / "policies.yaml", allow_weakening=True)


def detection(mode: str) -> str:
    return f"policies:\n  - name: declared-pii\n    pii_detection: {mode}\n"


def everything(world: World) -> str:
    """All that the mesh says of the publishes of a product, as text."""
    mesh = world.platform
    quality = mesh.quality_metrics("orders")
    judged = [version.quality for version in mesh.versions("orders", "t")]
    with world.mesh.record.reading() as conn:
        recorded = [(row.results, row.error) for row in judgements.list_history(conn, "orders", "t", limit=10)]
    return repr((quality, judged, mesh.audit_log(), mesh.incidents("orders"), recorded))


def test_by_default_a_publish_warns_and_names_column_kind_and_share(world: World) -> None:
    result = world.product(columns=COLUMNS).publish("t", MAILS)
    (finding,) = result.quality.failures
    assert result.success and result.quality.outcome is Outcome.WARNED
    assert finding.rule.name == "undeclared personal data: contact (e-mail addresses)"
    assert (finding.rule.column, finding.value, finding.blocks) == ("contact", 100.0, False)
    assert finding.note == NOTE
    assert finding.rows[0] == {"row": 1, "contact": "***"}
    assert len(finding.rows) == 20
    (status,) = world.platform.quality_metrics("orders").rules
    assert (status.rule, status.value, status.passed) == (finding.rule.name, 100.0, False)
    assert status.note == finding.note


def test_a_finding_is_no_part_of_the_score_and_opens_no_incident(world: World) -> None:
    rule = 'quality_rules: [{rule: ids, sql: "SELECT COUNT(*) FROM t WHERE id < 0", threshold: 0}]'
    world.product(columns=COLUMNS, output=rule).publish("t", MAILS)
    assert world.platform.quality_metrics("orders").current_score == 100
    assert world.platform.incidents("orders") == []


def test_a_policy_refuses_and_shows_masked_rows(world: World) -> None:
    apply(world, detection("block"))
    with pytest.raises(DataQualityError) as refused:
        world.product(columns=COLUMNS).publish("t", MAILS)
    (failure,) = refused.value.failures
    assert NOTE in str(refused.value)
    assert failure.rows[:2] == ({"row": 1, "contact": "***"}, {"row": 2, "contact": "***"})
    assert "@example.org" not in repr(refused.value.verdict)
    assert world.platform.show("orders").outputs[0].version == 0
    (incident,) = world.platform.incidents("orders")
    assert "undeclared personal data: contact" in incident.summary


def test_a_policy_turns_it_off_and_a_domain_raises_it(world: World) -> None:
    apply(world, detection("off"))
    assert world.product(columns=COLUMNS).publish("t", MAILS).quality.results == ()
    raised = detection("warn") + "domain_policies:\n  sales:\n    - name: ours\n      pii_detection: block\n"
    apply(world, raised)
    with pytest.raises(DataQualityError):
        world.product(columns=COLUMNS).publish("t", MAILS)


def test_the_annotation_silences_its_column_only(world: World) -> None:
    silent = {**TEXT, "not_pii": "addresses of our own machines"}
    columns = {"id": {"type": "integer"}, "contact": silent, "other": TEXT}
    rows = [{**row, "other": row["contact"]} for row in MAILS]
    (finding,) = world.product(columns=columns).publish("t", rows).quality.failures
    assert finding.rule.column == "other"
    shown = {column.name: column for column in world.platform.show("orders").outputs[0].columns}
    assert shown["contact"].not_pii == {"": "addresses of our own machines"}
    (registered,) = [entry for entry in world.platform.audit_log() if entry.act == "register"]
    assert "t.contact: addresses of our own machines" in json.dumps(registered.details, default=str)


def test_declared_columns_are_not_found(world: World) -> None:
    assert world.product(columns=COLUMNS, more="pii_columns: [contact]").publish("t", MAILS).quality.results == ()


@pytest.mark.parametrize(
    ("kind", "make", "path"),
    [
        ({"type": "array", "items": TEXT}, lambda mail: [mail], "c"),
        ({"type": "object", "properties": {"to": TEXT}}, lambda mail: {"to": mail}, "c.to"),
        ({"type": "object", "additionalProperties": TEXT}, lambda mail: {"to": mail}, "c"),
        ({"type": "object", "additionalProperties": TEXT}, lambda mail: {mail: "x"}, "c"),
        (
            {"type": "array", "items": {"type": "object", "properties": {"to": TEXT}}},
            lambda mail: [{"to": mail}],
            "c.to",
        ),
    ],
)
def test_structs_lists_and_maps_are_looked_into(world: World, kind: Any, make: Any, path: str) -> None:
    rows = [{"c": make(row["contact"])} for row in MAILS]
    (finding,) = world.product(columns={"c": kind}).publish("t", rows).quality.failures
    assert finding.rule.name == f"undeclared personal data: {path} (e-mail addresses)"


def test_a_name_alone_is_a_finding_too(world: World) -> None:
    columns = {"id": {"type": "integer"}, "birth_date": {"type": "string", "format": "date"}}
    (finding,) = world.product(columns=columns).publish("t", [{"id": 1, "birth_date": "1980-01-01"}]).quality.failures
    assert finding.rule.name == "undeclared personal data: birth_date (by its name)"
    assert (finding.value, finding.rows) == (None, ())
    columns["birth_date"] = {**columns["birth_date"], "not_pii": "of companies"}
    assert world.product(columns=columns).publish("t", [{"id": 1, "birth_date": "1980-01-01"}]).quality.results == ()


def test_failing_rows_of_other_rules_hide_what_was_found(world: World) -> None:
    rule = 'quality_rules: [{rule: small, sql: "SELECT COUNT(*) FROM t WHERE id > 3", threshold: 0, severity: warning}]'
    result = world.product(columns=COLUMNS, output=rule).publish("t", MAILS)
    small = next(one for one in result.quality.results if one.rule.name == "small")
    assert small.rows[0] == {"id": 4, "contact": "***"}
    assert "@example.org" not in everything(world)


def test_no_schema_is_needed(world: World) -> None:
    (finding,) = world.product().publish("t", MAILS).quality.failures
    assert finding.rule.column == "contact"


def test_a_publish_that_finds_nothing_says_nothing(world: World) -> None:
    rows = [{"id": number, "contact": f"ORD-2026-{number:06d}"} for number in range(100)]
    assert world.product(columns=COLUMNS).publish("t", rows).quality.results == ()


def test_a_preview_names_what_the_next_publish_would_be_refused_for(world: World) -> None:
    world.product(columns=COLUMNS | {"phone": TEXT}).publish("t", MAILS)
    (world.root / "policies.yaml").write_text(detection("block"))
    effect = world.platform.what_if_policies(world.root / "policies.yaml")
    (blocked,) = effect.blocked
    assert {(found.subject, found.reason, found.policy) for found in blocked.violations} == {
        ("t.contact", f"{NOTE} in the last publish", "declared-pii"),
        ("t.phone", "its name looks like that of personal data", "declared-pii"),
    }
    assert effect.unjudged == ("declared-pii",)
    apply(world, detection("block"))
    assert world.platform.incidents("orders") == []
    (world.root / "policies.yaml").write_text(detection("warn"))
    weaker = world.platform.what_if_policies(world.root / "policies.yaml")
    assert [freed.product for freed in weaker.freed] == ["orders"]


def test_a_preview_forgets_what_was_declared_since(world: World) -> None:
    world.product(columns=COLUMNS).publish("t", MAILS)
    world.product(columns=COLUMNS, more="pii_columns: [contact]").register()
    (world.root / "policies.yaml").write_text(detection("block"))
    assert world.platform.what_if_policies(world.root / "policies.yaml").blocked == ()


def test_a_preview_names_policies_about_changes(world: World) -> None:
    text = "policies:\n  - name: stable\n    rule: {type: schema-evolution, mode: backward}\n"
    (world.root / "policies.yaml").write_text(text)
    assert world.platform.what_if_policies(world.root / "policies.yaml").unjudged == ("stable",)
