"""Policies bind: what they say at register, publish and consume, and when time passes, is what the platform does."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest

from data_platform import DataProduct, Platform
from data_platform.errors import BadInput, ContractMoved, IncompatibleChange, NotFound, PolicyViolation, Refused
from data_platform.platform import InProcess
from data_platform.verbs.contracts import register
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.policies import apply as policies
from data_platform.verbs.publishing.publish import Publish
from data_platform.verbs.results import IncidentInfo
from tests.meshes import IDS, ROWS, World

EXAMPLE = Path(__file__).parents[3] / "examples" / "orders"

RETENTION = """\
policies:
  - name: data-retention
    enforcement: {enforcement}
    rule: {{type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}}
"""
QUALITY = """\
policies:
  - name: good-enough
    rule: {type: metadata-check, condition: ASSERT quality.score >= 90}
"""
READERS = """\
policies:
  - name: inside-only
    rule: {type: metadata-check, condition: "ASSERT all(c IN consumers ASSERT c.domain = product.domain)"}
"""
ATTESTED = """\
policies:
  - name: reviewed-by-legal
"""
MILD = """\
sql: SELECT COUNT(*) FROM t WHERE id > 2
threshold: 0
severity: warning
"""


def apply(world: World, text: str, name: str = "policies.yaml") -> int:
    file = world.root / name
    file.write_text(text)
    return world.platform.apply_policies(file).revision


def retention(world: World, enforcement: str) -> int:
    return apply(world, RETENTION.format(enforcement=enforcement))


def open_ones(world: World) -> list[IncidentInfo]:
    return [each for each in world.platform.incidents(open_only=True) if each.cause.startswith("policy ")]


def example(world: World) -> Path:
    return Path(shutil.copytree(EXAMPLE, world.root / "example"))


def in_clear(schema: Path, column: str) -> None:
    """Says of a column that it is not encrypted."""
    document = json.loads(schema.read_text())
    document["properties"][column]["encryption"] = "none"
    schema.write_text(json.dumps(document))


def test_the_mission_texts_policies_let_its_product_register_with_one_warning(world: World) -> None:
    folder = example(world)
    world.platform.apply_policies(folder / "policies.yaml")
    done = world.platform.register(folder)
    told = [warning for warning in done.warnings if warning.startswith("policy ")]
    assert len(told) == 1
    assert told[0].startswith("policy data-retention: ")
    (incident,) = open_ones(world)
    assert (incident.cause, incident.severity) == ("policy data-retention", "low")


def test_personal_data_in_clear_is_refused_and_nothing_is_written(world: World) -> None:
    folder = example(world)
    world.platform.apply_policies(folder / "policies.yaml")
    in_clear(folder / "schemas" / "orders_fact.json", "customer_email")
    with pytest.raises(PolicyViolation) as refused:
        world.platform.register(folder)
    assert [(each.policy, each.subject) for each in refused.value.findings] == [
        ("pii-encryption", "orders_fact.customer_email")
    ]
    assert refused.value.exit_code == 1
    assert "data-platform policies waive" in str(refused.value)
    assert world.platform.search().total == 0


def test_from_warning_to_waiver_to_the_day_on_which_it_blocks_again(world: World) -> None:
    orders = world.product(columns=IDS)
    retention(world, "warning")
    assert [w for w in orders.register().warnings if "data-retention" in w]
    assert orders.publish("t", ROWS).warnings
    assert [each.severity for each in open_ones(world)] == ["low"]

    retention(world, "blocking")
    (incident,) = open_ones(world)
    assert (incident.severity, incident.output) == ("high", "*")
    world.become("bea@x")
    world.platform.consume("orders", "t").count()
    assert [each.principal for each in world.platform.incident(incident.id).readers] == ["bea@x"]
    world.become("ana@x")
    with pytest.raises(PolicyViolation, match="retention_days"):
        orders.publish("t", ROWS)

    asked = world.platform.waive_policy("orders", "data-retention", "the archive is built", "2026-12-01")
    assert asked.state == "requested"
    with pytest.raises(PolicyViolation):
        orders.publish("t", ROWS)
    with pytest.raises(Refused, match="requested by"):
        world.platform.approve_waiver(asked.id)
    world.become("federation@x")
    assert world.platform.approve_waiver(asked.id).state == "holds"
    assert not open_ones(world)
    assert "waived until 2026-12-01" in orders.publish("t", ROWS).warnings[0]

    world.clock.later(days=20)
    assert [each.cause for each in world.platform.tick().opened if each.output == "*"] == ["policy data-retention"]
    with pytest.raises(PolicyViolation):
        orders.publish("t", ROWS)

    world.product(columns=IDS, more="retention_days: 30").register()
    assert not open_ones(world)
    acts = [(each.act, each.details.get("did")) for each in world.platform.audit_log()]
    assert [act for act in acts if act[0] in ("policy", "waiver")] == [
        ("waiver", "approved"),
        ("waiver", "requested"),
        ("policy", None),
        ("policy", None),
    ]


def test_a_warning_is_no_refusal_and_a_file_applied_twice_is_one_revision(world: World) -> None:
    assert retention(world, "warning") == retention(world, "warning") == 1
    assert [each.revision for each in world.platform.policy_history()] == [1]
    assert retention(world, "blocking") == 2
    assert "warning" in world.platform.policies(1).text
    with pytest.raises(NotFound, match="no revision 9"):
        world.platform.policies(9)


def test_what_if_says_who_would_be_blocked_and_writes_nothing(world: World) -> None:
    world.product("orders", IDS).register()
    world.product("kept", IDS, more="retention_days: 30").register()
    file = world.root / "policies.yaml"
    file.write_text(RETENTION.format(enforcement="blocking"))
    found = world.platform.what_if_policies(file)
    assert (found.products, [each.product for each in found.blocked]) == (2, ["orders"])
    assert (found.blocked[0].domain, found.blocked[0].owner) == ("sales", "ana@x")
    assert not world.platform.policy_history()
    assert world.platform.apply_policies(file).what_if == found
    assert [each.product for each in world.platform.what_if_policies(empty(world)).freed] == ["orders"]


def empty(world: World) -> Path:
    file = world.root / "none.yaml"
    file.write_text("policies: []\n")
    return file


def test_of_two_who_apply_at_once_one_is_told(world: World) -> None:
    texts = [RETENTION.format(enforcement="warning"), RETENTION.format(enforcement="blocking")]
    files = [world.root / f"{at}.yaml" for at in range(2)]
    meshes = [Mesh.open(world.mesh.home) for _ in files]
    start, outcomes = threading.Barrier(2), []

    def run(mesh: Mesh, file: Path) -> None:
        platform = Platform(InProcess(mesh))
        after = platform.what_if_policies(file).revision
        start.wait()
        try:
            outcomes.append(platform.apply_policies(file, after=after).revision)
        except ContractMoved:
            outcomes.append("told")

    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    threads = [threading.Thread(target=run, args=pair) for pair in zip(meshes, files, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for mesh in meshes:
        mesh.close()
    assert sorted(map(str, outcomes)) == ["1", "told"]


def test_policies_applied_between_audit_and_promote_judge_the_publish_again(world: World) -> None:
    orders = world.product(columns=IDS)
    orders.register()

    def watch(step: str, rows: int) -> None:
        if step == "prepared":
            retention(world, "blocking")

    with pytest.raises(PolicyViolation, match="data-retention"):
        world.platform.publish(Publish("orders", "t"), ROWS, watch=watch)
    assert world.numbers() == []


def test_a_policy_about_quality_is_judged_with_the_data_that_comes(world: World) -> None:
    orders = world.product(columns=IDS, output="quality_rules:\n  - rule: small\n    " + MILD.replace("\n", "\n    "))
    apply(world, QUALITY)
    orders.register()
    with pytest.raises(PolicyViolation, match="good-enough"):
        orders.publish("t", ROWS)
    (judged,) = world.platform.quality_metrics("orders").quality_trend
    assert 0 < judged.score < 90
    orders.publish("t", ROWS[:2])
    assert world.numbers() == [1]
    assert {each.status for each in world.platform.explain_policies("orders")} == {"kept"}


def test_a_policy_about_consumers_refuses_the_one_who_would_read(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.platform.define_domain("sales", members=["sam@x"])
    apply(world, READERS)
    world.become("eve@x")
    with pytest.raises(PolicyViolation, match="inside-only"):
        world.platform.consume("orders", "t")
    with pytest.raises(PolicyViolation, match="inside-only"):
        world.platform.sql('SELECT * FROM "orders".t')
    refused = world.platform.audit_log("orders", act="refusal")
    assert [(each.by, each.subject) for each in refused] == [("eve@x", "orders.t")] * 2
    world.become("sam@x")
    assert world.platform.consume("orders", "t").count() == 3


def test_what_a_policy_about_consumers_only_warns_of_is_told_to_the_one_who_reads(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.product(name="other", columns=IDS).publish("t", ROWS)
    apply(world, READERS.replace("    rule:", "    enforcement: warning\n    rule:"))
    world.become("eve@x")
    frame = world.platform.consume("orders", "t")
    assert [warning.split(":")[0] for warning in frame.warnings] == ["policy inside-only"]
    assert frame.select("id").limit(1).warnings == frame.warnings
    assert frame.crossJoin(frame.alias("again")).warnings == frame.warnings
    assert len(frame.crossJoin(world.platform.consume("other", "t").alias("o")).warnings) == 2
    with world.platform.sql('SELECT count(*) FROM "orders".t, "orders"."t#1"') as rows:
        assert rows.warnings == frame.warnings
    apply(world, QUALITY)
    assert world.platform.consume("orders", "t").warnings == ()


def test_a_waived_policy_about_consumers_is_told_with_its_end(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    apply(world, READERS)
    world.become("eve@x")
    asked = world.platform.waive_policy("orders", "inside-only", "an audit", "2026-12-01")
    world.become("fed@x")
    world.platform.approve_waiver(asked.id)
    world.become("eve@x")
    (told,) = world.platform.consume("orders", "t").warnings
    assert told.startswith("policy inside-only, waived until 2026-12-01")


def test_an_attestation_holds_until_its_end_and_may_come_before_the_product(world: World) -> None:
    apply(world, ATTESTED)
    orders = world.product(columns=IDS)
    with pytest.raises(PolicyViolation, match="policies attest orders reviewed-by-legal"):
        orders.register()
    given = world.platform.attest_policy("orders", "reviewed-by-legal", "ticket 7", "2026-12-01")
    orders.register()
    (status,) = world.platform.explain_policies("orders")
    assert (status.status, status.until) == ("attested", given.expires_at)
    assert not world.platform.tick().opened
    world.clock.later(days=20)
    assert len(world.platform.tick().opened) == 1
    assert "expired on 2026-12-01" in world.platform.explain_policies("orders")[0].reason
    world.platform.attest_policy("orders", "reviewed-by-legal", "ticket 8", "2027-01-31")
    assert not open_ones(world)
    world.platform.withdraw_attestation(world.platform.attestations()[0].id)
    assert len(open_ones(world)) == 1


def test_a_waiver_of_one_column_lets_the_others_be_judged(world: World) -> None:
    apply(world, (EXAMPLE / "policies.yaml").read_text())
    text = {"type": ["string", "null"], "tags": ["pii"], "encryption": "none"}
    orders = world.product(columns={**IDS, "mail": text, "phone": text})
    asked = world.platform.waive_policy("orders", "pii-encryption", "a trial", "2026-12-01", "t.mail")
    world.become("federation@x")
    world.platform.approve_waiver(asked.id)
    with pytest.raises(PolicyViolation) as refused:
        orders.register()
    assert [finding.subject for finding in refused.value.findings] == ["t.phone"]


@pytest.mark.parametrize("until", ["2026-11-22", "2029-01-01", "soon"])
def test_an_exception_ends_within_a_year(world: World, until: str) -> None:
    retention(world, "blocking")
    with pytest.raises(BadInput):
        world.platform.waive_policy("orders", "data-retention", "why not", until)


def test_an_exception_is_from_a_policy_that_binds(world: World) -> None:
    retention(world, "blocking")
    with pytest.raises(NotFound, match="data-retention"):
        world.platform.waive_policy("orders", "data-retentoin", "why not", "2026-12-01")
    with pytest.raises(BadInput, match="has a rule"):
        world.platform.attest_policy("orders", "data-retention", "see there", "2026-12-01")
    with pytest.raises(BadInput, match="a reason"):
        world.platform.waive_policy("orders", "data-retention", "  ", "2026-12-01")


def test_check_judges_the_change_before_it_is_registered(world: World) -> None:
    orders = world.product(columns={**IDS, "note": {"type": "string"}})
    orders.publish("t", [{"id": 1, "note": "x"}])
    apply(world, (EXAMPLE / "policies.yaml").read_text())
    found = world.platform.check_policies(_without_note(world).file)
    assert {(each.policy, each.blocks) for each in found.violations} == {
        ("data-retention", False),
        ("schema-compatibility", True),
    }


def test_a_break_is_let_go_while_its_policy_is_waived_for_what_changes(world: World) -> None:
    world.product(columns={**IDS, "note": {"type": "string"}}).publish("t", [{"id": 1, "note": "x"}])
    apply(world, (EXAMPLE / "policies.yaml").read_text())
    with pytest.raises(IncompatibleChange):
        _without_note(world).register()
    asked = world.platform.waive_policy("orders", "schema-compatibility", "nobody minds", "2026-12-01", "t.note")
    world.become("federation@x")
    world.platform.approve_waiver(asked.id)
    assert any("waived until 2026-12-01" in warning for warning in _without_note(world).register().warnings)


def _without_note(world: World) -> DataProduct:
    return world.product(columns=IDS)


def test_who_registers_while_policies_are_applied_is_judged_by_the_new_ones(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = iter([7])  # what another process commits between the judgement and the entry in the log
    now = register.policies.find_revision
    monkeypatch.setattr(register.policies, "find_revision", lambda conn: next(later, None) or now(conn))
    assert world.product(columns=IDS).register().created
    assert [each.act for each in world.platform.audit_log("orders")] == ["register"]


def test_policies_are_applied_once_more_when_somebody_registers_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.product(columns=IDS).register()
    standing = iter([{"orders": 1}, {"orders": 2}])
    now = policies.products.map_newest_revisions
    monkeypatch.setattr(policies.products, "map_newest_revisions", lambda conn: next(standing, None) or now(conn))
    assert retention(world, "blocking") == 1
    assert len(world.platform.audit_log(act="policy")) == 1
