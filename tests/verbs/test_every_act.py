"""Whatever writes leaves its entry in the audit log and its event, or is here with the reason why not."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data_platform import Platform
from data_platform.errors import Refused
from data_platform.platform import InProcess
from data_platform.record.audit_log.acts import Act
from data_platform.record.operations import events, incidents, outbox
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.events import Event
from data_platform.record.operations.outbox import QueuedEvent
from data_platform.verbs.core.attachments import NOTHING, Attachments
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.kinds import EVENT_SHAPES
from data_platform.verbs.registry import VERBS
from tests.meshes import IDS, NOON, ROWS, World

ELSEWHERE = {
    "Release": "tests/verbs/test_environments.py, which has two meshes",
    "SendTestAlert": "tests/verbs/alerts/test_channels.py, which declares channels",
}

NO_EVENTS = {Act.OPENED: "the log begins, nothing happened yet", Act.READS: "the reads are events themselves"}

TO_COME = {Act.ROLLBACK}
"""Words of the log whose verbs are not there yet."""

UNSEEN = {
    EventKind.CONTRACT_REFUSED,
    EventKind.READ_REFUSED,
    EventKind.RELEASED,
    EventKind.RUN_SUCCEEDED,
    EventKind.RUN_REFUSED,
    EventKind.RUN_LOST,
    EventKind.INCIDENT_RAISED,
    EventKind.ALERT_QUEUED,
    EventKind.CHANNEL_TESTED,
    EventKind.BACKUP_RESTORED,
    EventKind.RECORD_REBUILT,
    EventKind.SIGNED_IN,
    EventKind.SIGN_IN_FAILED,
    EventKind.SIGNED_OUT,
    EventKind.REQUEST_DENIED,
}
"""Kinds that the life below does not meet, because it needs another mesh or a refusal of another cause."""

RECEIVED = {
    "eventType": "COMPLETE",
    "eventTime": "2026-11-29T06:00:00Z",
    "run": {"runId": "018c7a5e-0000-7000-8000-000000000001"},
    "job": {"namespace": "airflow", "name": "orders.load"},
    "outputs": [{"namespace": "data-platform", "name": "orders.t"}],
}

POLICIES = """
policies:
  - {name: reviewed}
  - name: retention
    rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
"""


class Watched(InProcess):
    """Notes which acts each request added to the log, and which events to the record."""

    def __init__(self, world: World) -> None:
        super().__init__(world.mesh, caller=world.transport.caller)
        self._world = world
        self.seen: defaultdict[str, set[str]] = defaultdict(set)
        self.happened: defaultdict[str, list[Event]] = defaultdict(list)

    def call(self, request: Request[Any], attachments: Attachments = NOTHING) -> Any:
        """The answer of the verb."""
        unwatched = Platform(InProcess(self._world.mesh))
        before, so_far = unwatched.audit_log(limit=1)[0].number, len(read_events(self._world))
        try:
            return super().call(request, attachments)
        finally:
            new = unwatched.audit_log(after=before, limit=100)
            self.seen[type(request).__name__] |= {entry.act for entry in new}
            self.happened[type(request).__name__] += read_events(self._world)[so_far:]


def read_events(world: World) -> tuple[Event, ...]:
    with world.mesh.record.reading() as conn:
        return events.list_after(conn)


@pytest.fixture
def watched(world: World) -> Watched:
    world.become("ana@x")
    world.transport = watched = Watched(world)
    world.platform = Platform(watched)
    return watched


def everything(world: World) -> None:
    """A life of two products, in which every verb that writes is used."""
    mesh = world.platform
    orders = world.product(columns=IDS, more="pii_columns: [id]")
    orders.register()
    orders.publish("t", ROWS)
    with pytest.raises(Refused):
        orders.publish("t", [{"id": "x"}])
    grant_access(world)
    govern(world)
    incident = mesh.incidents(open_only=True)[0].id
    mesh.acknowledge_incident(incident)
    mesh.comment_incident(incident, "asked the shop")
    mesh.resolve_incident(incident)
    mesh.rotate_keys()
    mesh.rotate_column_key("orders", "t", "id")
    mesh.backup(world.root / "backup")
    run = mesh.start_run("orders", "t")
    mesh.heartbeat_run(run.id)
    mesh.finish_run(run.id, "failed")
    mesh.define_domain("sales", owner="olga@x")
    mesh.define_term("Customer", "Who orders", "olga@x", "sales", synonyms=["client"])
    mesh.define_term("Buyer", "Who pays", parent="Customer")
    mesh.retire_term("Buyer")
    mesh.subscribe("orders")
    mesh.receive_lineage([RECEIVED])
    mesh.unsubscribe("orders")
    hand_over(world)
    identify(world)
    mesh.consume("orders", "t").collect()
    mesh.sql("SELECT count(*) FROM orders.t")
    mesh.tick()
    mesh.consume("orders", "t").collect()
    mesh.anchor_audit()
    refuse_a_message(world)
    mesh.deliver({})
    mesh.try_again()
    stray = world.folder("orders", "t").data / f"{'0' * 32}-1.parquet"
    stray.write_bytes(b"1234")
    mesh.collect()
    next(world.folder("orders", "t").metadata.glob("snap-*")).unlink()
    mesh.repair()
    end(world)


def govern(world: World) -> None:
    mesh, soon = world.platform, NOON + timedelta(days=30)
    initial = {"type": "string", "anonymised": {"from": "orders.t.id", "method": "its first digit"}}
    world.product("initials", {"initial": initial}).register()
    file = world.root / "policies.yaml"
    file.write_text(POLICIES)
    mesh.apply_policies(file)
    mesh.withdraw_attestation(mesh.attest_policy("orders", "reviewed", "LEGAL-7", soon).id)
    waiver = mesh.waive_policy("orders", "retention", "soon", soon).id
    world.become("bea@x")
    mesh.approve_anonymisation(mesh.anonymisations()[0].id)
    mesh.refuse_anonymisation(mesh.anonymisations()[0].id, "small ones")
    mesh.approve_waiver(waiver)
    mesh.end_waiver(waiver)
    world.become("ana@x")


def hand_over(world: World) -> None:
    mesh = world.platform
    mesh.transfer("orders", "bea@x")
    mesh.withdraw_transfer("orders")
    mesh.transfer("orders", "bea@x")
    world.become("bea@x")
    mesh.accept_transfer("orders")
    mesh.rename("orders", "receipts")
    mesh.rename("receipts", "orders")
    mesh.offboard("gone@x")
    mesh.offboard("gone@x", back=True)


def grant_access(world: World) -> None:
    owner, columns = world.context.principal.name, {**IDS, "name": {"type": "string"}}
    world.product("parts", columns, owner=owner).publish("t", [{"id": 1, "name": "a"}])
    reader = world.become("bo@x")
    ids = [reader.request_access("parts.t", f"stock {number}", until="90 days").id for number in range(3)]
    reader.withdraw_access_request(ids[0])
    world.become(owner).approve_access(ids[1])
    world.platform.deny_access(ids[2], "twice")
    world.become("bo@x").consume("parts", "t").select("id").collect()
    world.become(owner).narrow_access(f"{ids[1]}.1")
    world.become("bo@x").renew_access(ids[1], "100 days")
    reader.revoke_access(ids[1])
    broken = reader.break_glass("parts.t", "stock is negative")
    (world.root / "agreements.yaml").write_text(reader.export_agreements(id=broken.request).text)
    reader.import_agreements(world.root / "agreements.yaml")
    world.become(owner)


def identify(world: World) -> None:
    mesh = world.platform
    token = mesh.create_token("loader", "owner", team="shop")
    mesh.revoke_token(token.id)
    mesh.create_team("crm", ["cy@x"])
    mesh.add_member("crm", "di@x")
    mesh.remove_member("crm", "di@x")
    mesh.grant_role("ed@x", "domain-owner", "sales")
    mesh.revoke_role("ed@x", "domain-owner", "sales")
    mesh.claim_owner("crm@x", "crm")
    mesh.release_owner("crm@x")
    mesh.disable_principal("loader")
    mesh.enable_principal("loader")
    mesh.set_attributes("crm", ["region=EU"])
    mesh.offboard("ed@x")


def refuse_a_message(world: World) -> None:
    with world.mesh.record.transaction() as tx:
        event = events.add(tx, Event(0, 0, "orders", "published", world.clock(), "ana", [{}]))
        outbox.add(tx, [QueuedEvent(event, "there", "orders")], world.clock())


def end(world: World) -> None:
    mesh = world.platform
    mesh.erase_key("orders", confirm="orders")
    mesh.archive("orders")
    mesh.archive("orders", undo=True)
    mesh.deprecate("orders", "t", "30 days")
    mesh.deprecate_product("orders", "30 days")
    world.clock.later(days=31)
    mesh.retire("orders", "t")
    mesh.retire_product("orders")


def test_what_writes_leaves_an_entry(world: World, watched: Watched) -> None:
    everything(world)
    acts = {name: seen for name, seen in watched.seen.items() if name not in ELSEWHERE}
    declared = {name: set(VERBS[name].acts) for name in acts}
    assert {name: seen - declared[name] for name, seen in acts.items() if seen - declared[name]} == {}
    unseen = {name for name, verb in VERBS.items() if verb.writes and not watched.seen[name]}
    assert unseen == set(ELSEWHERE)
    assert {act for seen in watched.seen.values() for act in seen} == set(Act) - TO_COME - {
        Act.OPENED,
        Act.RELEASE,
        Act.RESTORE,
        Act.SIGN_IN,
        Act.DENIAL,
    }


def test_what_writes_leaves_an_event_of_its_kind(world: World, watched: Watched) -> None:
    everything(world)
    for name, acts in watched.seen.items():
        acts_of_events = {EVENT_SHAPES[EventKind(event.kind)].act for event in watched.happened[name]}
        assert acts - set(NO_EVENTS) == acts_of_events - {None} - ({Act.INCIDENT} - acts), name


def test_events_are_about_what_their_kind_says_with_its_details(world: World, watched: Watched) -> None:
    everything(world)
    happened = read_events(world)
    for event in happened:
        shape = EVENT_SHAPES[EventKind(event.kind)]
        details = {detail: type(value) for detail, value in (event.details or {}).items()}
        assert details.items() <= dict(shape.details).items(), event
        if ":" in shape.subject:
            assert event.subject.startswith(shape.subject.replace("NAME", ""))
        else:
            assert ":" not in event.product
            assert shape.subject.find("OUTPUT") >= 0 or event.output is None, event
    assert set(EventKind) - {event.kind for event in happened} == UNSEEN


def test_every_change_of_an_incident_is_an_event(world: World, watched: Watched) -> None:
    everything(world)
    kinds = {
        "opened": EventKind.INCIDENT_OPENED,
        "severity": EventKind.INCIDENT_RAISED,
        "acknowledged": EventKind.INCIDENT_ACKNOWLEDGED,
        "comment": EventKind.INCIDENT_COMMENTED,
        "resolved": EventKind.INCIDENT_RESOLVED,
    }
    with world.mesh.record.reading() as conn:
        changes = [
            (kinds[entry.kind], incident.id)
            for incident in incidents.list_history(conn)
            for entry in incidents.list_timeline(conn, incident.id)
            if entry.kind != "again"
        ]
    recorded = [
        (event.kind, (event.details or {})["id"]) for event in read_events(world) if event.kind in set(kinds.values())
    ]
    assert Counter(recorded) == Counter(changes)
    assert recorded


def test_every_kind_has_a_shape_and_every_act_a_kind() -> None:
    assert set(EVENT_SHAPES) == set(EventKind)
    acts = {shape.act for shape in EVENT_SHAPES.values()} - {None}
    assert acts == set(Act) - set(NO_EVENTS) - TO_COME


def test_the_end_of_a_product_is_that_of_each_of_its_majors(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.platform.deprecate_product("orders", "30 days")
    world.platform.retire_product("orders")
    ended = [(entry.subject, "announced" in entry.details) for entry in world.platform.audit_log(act="retire")]
    assert ended == [("orders", False), ("orders.t@1", True)]


def test_the_guide_has_every_act() -> None:
    guide = Path("docs/guides/audit.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in guide.splitlines() if line.startswith("| `")]
    assert {act for row in rows for act in re.findall("`([a-z]+)`", row)} == set(Act) - TO_COME
