"""Every act leaves its entry, with who, when and from where, and no value of the data; and the log can be proved."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import delete, text

from data_platform.errors import BadInput, IncompatibleChange, OwnershipConflict, Refused
from data_platform.record.audit_log.trail import check_trail
from data_platform.record.db.schema import AUDIT_LOG
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings.identity import describe_machine
from data_platform.verbs.events.outcomes import POLICIES, ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import AuditEntry
from tests.meshes import IDS, NOON, ROWS, World


def acts(world: World, **filters: Any) -> list[tuple[str, str]]:
    return [(entry.act, entry.subject) for entry in reversed(world.platform.audit_log(**filters))]


def only(world: World, act: str) -> AuditEntry:
    (entry,) = world.platform.audit_log(act=act)
    return entry


def test_registers_publishes_and_refusals_leave_entries(world: World) -> None:
    orders = world.product(columns=IDS)
    orders.publish("t", ROWS)
    with pytest.raises(Refused):
        orders.publish("t", [{"id": "secret-17"}])
    assert acts(world) == [
        ("opened", "mesh:"),
        ("register", "orders"),
        ("publish", "orders.t"),
        ("refusal", "orders.t"),
    ]
    published = only(world, "publish")
    assert (published.at, published.by, published.verified) == (NOON, world.context.principal.name, False)
    assert (published.door, published.host, published.user) == (
        "python",
        describe_machine().host,
        describe_machine().user,
    )
    assert {name: published.details[name] for name in ("version", "rows", "outcome", "contract_revision")} == {
        "version": 1,
        "rows": 3,
        "outcome": "passed",
        "contract_revision": 1,
    }
    refusal = only(world, "refusal")
    assert refusal.details["kind"] == "SchemaMismatch"
    assert "secret-17" not in refusal.entry
    with world.mesh.record.reading() as conn:
        assert check_trail(conn, "orders").ok


@pytest.mark.long
def test_a_changed_contract_tells_its_changes_and_a_refused_one_is_told(world: World) -> None:
    world.product(columns=IDS).register()
    world.product(columns=IDS | {"note": {"type": "string"}}).register()
    changed, first = world.platform.audit_log(act="register")
    assert (first.details["revision"], changed.details["revision"]) == (1, 2)
    assert any("note" in change for change in changed.details["changes"])
    with pytest.raises(IncompatibleChange):
        world.product(columns={"note": {"type": "string"}}).register()
    assert only(world, "refusal").details == {"kind": "IncompatibleChange"}


def test_registering_the_same_again_is_no_act(world: World) -> None:
    world.product(columns=IDS).register()
    world.product(columns=IDS).register()
    assert acts(world, act="register") == [("register", "orders")]


def test_domains_incidents_and_gc_leave_entries(world: World) -> None:
    orders = world.product(columns=IDS)
    world.platform.define_domain("sales", owner="olga@x")
    with pytest.raises(Refused):
        orders.publish("t", [{"id": "x"}])
    (incident,) = world.platform.incidents()
    world.platform.acknowledge_incident(incident.id, "asked the shop")
    world.platform.acknowledge_incident(incident.id)
    world.platform.resolve_incident(incident.id)
    assert only(world, "domain").details == {"owner": "olga@x"}
    told = [entry.details for entry in world.platform.audit_log(act="incident")]
    what = {"id": incident.id, "cause": "publish refused", "severity": "low"}
    assert told == [{**what, "did": "resolved"}, {**what, "did": "acknowledged"}]
    orders.publish("t", ROWS)
    world.platform.collect()
    assert acts(world, act="retention") == []
    stray = world.folder("orders", "t").data / f"{'0' * 32}-1.parquet"
    stray.write_bytes(b"1234")
    world.platform.collect(dry_run=True)
    assert acts(world, act="retention") == []
    world.platform.collect()
    assert only(world, "retention").details == {"files": 1, "bytes": 4}


def test_reads_are_sealed_by_tick_and_none_writes_the_log_itself(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    for _ in range(3):
        world.platform.consume("orders", "t")
    assert acts(world, act="reads") == []
    assert world.platform.verify_audit().unsealed == 3
    world.platform.tick()
    assert only(world, "reads").details["count"] == 3
    world.platform.tick()
    assert len(acts(world, act="reads")) == 1
    found = world.platform.verify_audit()
    assert (found.ok, found.reads, found.unsealed, found.at) == (True, 3, 0, NOON)


def test_filters_and_pages(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.clock.later(hours=1)
    world.product("customers", columns=IDS).publish("t", ROWS)
    assert acts(world, product="orders") == [("register", "orders"), ("publish", "orders.t")]
    later = acts(world, since=world.clock())  # the mesh was opened at the machine's time, which may be later
    assert [act for act in later if act != ("opened", "mesh:")] == acts(world, product="customers")
    assert acts(world, by="nobody") == []
    assert [entry.number for entry in world.platform.audit_log(limit=2)] == [5, 4]
    assert [entry.number for entry in world.platform.audit_log(after=1, limit=2)] == [2, 3]
    with pytest.raises(BadInput, match="there is no act regster"):
        world.platform.audit_log(act="regster")


def test_an_anchor_holds_until_the_tail_is_cut(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.platform.consume("orders", "t")
    anchor = world.platform.anchor_audit()
    assert acts(world)[-1] == ("reads", "mesh:reads"), "the reads so far are in it"
    seen: list[tuple[int, int]] = []
    assert world.platform.verify_audit(anchor, lambda done, of: seen.append((done, of))).ok
    assert seen == [(anchor.number, anchor.number)]
    with world.mesh.record.transaction() as tx:
        tx.execute(delete(AUDIT_LOG).where(AUDIT_LOG.c.number == anchor.number))
    assert world.platform.verify_audit().ok
    found = world.platform.verify_audit(anchor)
    assert (found.ok, found.broken, found.entries) == (False, 4, 3)


def test_a_damaged_log_is_told_and_stops_nobody(world: World) -> None:
    orders = world.product(columns=IDS)
    orders.publish("t", ROWS)
    world.platform.consume("orders", "t")
    world.platform.tick()
    with world.mesh.record.transaction() as tx:
        tx.execute(text("DROP TRIGGER audit_log_are_history"))
        tx.execute(text("UPDATE audit_log SET entry = CAST(X'FF' AS TEXT), at = 'noon' WHERE number = 4"))
    orders.publish("t", ROWS)
    world.platform.tick()
    assert [entry.number for entry in world.platform.audit_log()] == [5, 4, 3, 2, 1]
    assert (world.platform.verify_audit().broken, world.platform.verify_audit().entries) == (4, 3)


def test_details_are_plain_and_those_that_are_none_are_left_out(world: World) -> None:
    with world.mesh.record.transaction() as tx:
        details = {"subject": NOON, "act": ("a", 1), "file": None}
        record_outcomes(world.context, tx, ActOutcome(EventKind.POLICIES_APPLIED, POLICIES, details))
    (entry,) = world.platform.audit_log(act="policy")
    assert entry.subject == "mesh:policies"
    assert entry.details == {"subject": "2026-11-23T12:00:00.000000Z", "act": ["a", 1]}
    assert json.loads(entry.entry)["details"] == entry.details


def test_new_keys_have_an_entry_before_anything_is_sealed_with_them(world: World) -> None:
    people = {"id": {"type": "integer"}, "email": {"type": "string"}}
    orders = world.product(columns=people, more="pii_columns: [email]")
    for _ in range(2):
        orders.publish("t", [{"id": 1, "email": "ann@example.org"}])
    (entry,) = world.platform.audit_log("orders", act="key")
    assert (entry.subject, entry.details) == ("orders.t", {"made": ["orders/t", "orders/t/email"]})


def test_a_publish_with_a_strangers_product_yaml_has_an_entry(world: World) -> None:
    world.product().publish("t", ROWS)
    with pytest.raises(OwnershipConflict):
        world.product(owner="eve@example.com").publish("t", ROWS)
    (entry,) = world.platform.audit_log("orders", act="refusal")
    assert entry.details == {"kind": "OwnershipConflict"}
