"""One recorder writes the event, the audit entry and the messages of an outcome; destinations declare their kinds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import data_platform
from data_platform.errors import IncompatibleChange, PolicyViolation, Refused
from data_platform.integrations.senders import build_senders
from data_platform.record.operations import events, outbox
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.events import Event
from data_platform.settings import OpenLineage, Settings
from data_platform.verbs.events import destinations
from data_platform.verbs.events.destinations import Destination, list_destinations
from data_platform.verbs.events.outcomes import POLICIES, ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import Delivered
from tests.lineage.openlineage import needs_the_standard, problems
from tests.meshes import IDS, NOON, ROWS, World
from tests.verbs.test_statements import recorded_statements

POLICY_FILE = "policies:\n  - {name: reviewed, enforcement: warning}\n"
ALERTED = frozenset([EventKind.INCIDENT_OPENED, EventKind.POLICIES_APPLIED, EventKind.DEPRECATED])


def read_events(world: World) -> tuple[Event, ...]:
    with world.mesh.record.reading() as conn:
        return events.list_after(conn)


def apply_policies(world: World, text: str = POLICY_FILE) -> None:
    file = world.root / "policies.yaml"
    file.write_text(text)
    world.platform.apply_policies(file)


def refuse_publish(world: World) -> None:
    with pytest.raises(Refused):
        world.product(columns=IDS).publish("t", [{"id": "x"}])


def record_in_transaction(world: World, *outcomes: ActOutcome) -> None:
    with world.mesh.record.transaction() as tx:
        record_outcomes(world.context, tx, *outcomes)


class TestADestinationDeclaresWhatItWants:
    @pytest.fixture(autouse=True)
    def _declare(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def declare_alerts(settings: Settings) -> Destination:
            return Destination("alerts", ALERTED, key=lambda event: "all")

        declared = (*destinations.DECLARATIONS, declare_alerts)
        monkeypatch.setattr(destinations, "DECLARATIONS", declared)

    def deliver(self, world: World) -> list[Mapping[str, Any]]:
        received: list[Mapping[str, Any]] = []
        world.platform.deliver({"alerts": received.append})
        return received

    def test_it_receives_those_kinds_in_order_and_no_others(self, world: World) -> None:
        refuse_publish(world)
        world.product(columns=IDS).publish("t", ROWS)
        apply_policies(world)
        world.platform.consume("orders", "t").collect()
        world.platform.deprecate("orders", "t", "30 days")
        received = self.deliver(world)
        assert [(message["kind"], message["subject"]) for message in received] == [
            ("incident_opened", "orders.t"),
            ("policies_applied", "mesh:policies"),
            ("incident_opened", "orders"),
            ("deprecated", "orders.t@1"),
        ]
        assert self.deliver(world) == []

    def test_a_message_has_the_facts_of_its_event(self, world: World) -> None:
        refuse_publish(world)
        (message,) = self.deliver(world)
        (incident,) = world.platform.incidents()
        (recorded,) = (event for event in read_events(world) if event.kind == "incident_opened")
        assert message == {
            "id": recorded.id,
            "kind": "incident_opened",
            "subject": "orders.t",
            "product": "orders",
            "output": "t",
            "at": "2026-11-23T12:00:00.000000Z",
            "by": world.context.principal.name,
            "details": {"id": incident.id, "cause": "publish refused", "severity": "low"},
        }

    def test_openlineage_is_sent_what_it_wants_beside_it(self, world: World) -> None:
        world.mesh.settings = replace(world.mesh.settings, openlineage=OpenLineage("http://127.0.0.1:9"))
        world.product(columns=IDS).publish("t", ROWS)
        apply_policies(world)
        with world.mesh.record.reading() as conn:
            waiting = {waits.destination: waits.messages for waits in outbox.list_waiting(conn)}
        assert waiting == {"openlineage": 2, "alerts": 2}

    def test_an_act_that_fails_leaves_no_message(self, world: World) -> None:
        with pytest.raises(ZeroDivisionError), world.mesh.record.transaction() as tx:
            record_outcomes(world.context, tx, ActOutcome(EventKind.POLICIES_APPLIED, POLICIES, {"revision": 1}))
            raise ZeroDivisionError
        assert self.deliver(world) == []
        assert read_events(world) == ()
        assert world.platform.audit_log(act="policy") == []


def test_a_read_is_sent_without_its_reader(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.platform.consume("orders", "t")
    read = read_events(world)[-1]
    assert (read.kind, read.by) == ("consumed", world.context.principal.name)
    assert destinations.describe_event(read)["by"] is None


def test_what_follows_from_an_act_is_an_event_without_an_entry(world: World) -> None:
    act = ActOutcome(EventKind.INCIDENT_RESOLVED, Subject("orders", "t"), {"id": 1})
    record_in_transaction(world, act, replace(act, follows=True))
    assert [event.kind for event in read_events(world)] == ["incident_resolved"] * 2
    (entry,) = world.platform.audit_log(act="incident")
    assert (entry.subject, entry.details) == ("orders.t", {"id": 1, "did": "resolved"})


class TestLineageIsBuiltWhereItIsUsed:
    def outcome(self, kind: EventKind) -> tuple[ActOutcome, list[int]]:
        built: list[int] = []

        def build() -> list[dict[str, Any]]:
            built.append(1)
            return [{}]

        return ActOutcome(kind, Subject("orders", "t"), {}, build), built

    def test_the_record_keeps_that_of_a_publish(self, world: World) -> None:
        outcome, built = self.outcome(EventKind.PUBLISHED)
        record_in_transaction(world, outcome)
        assert (built, read_events(world)[0].body) == ([1], [{}])

    def test_that_of_a_deprecation_is_built_for_a_receiver_alone(self, world: World) -> None:
        outcome, built = self.outcome(EventKind.DEPRECATED)
        record_in_transaction(world, outcome)
        assert (built, read_events(world)[0].body) == ([], None)
        world.mesh.settings = replace(world.mesh.settings, openlineage=OpenLineage("http://127.0.0.1:9"))
        record_in_transaction(world, outcome)
        assert (built, read_events(world)[1].body) == ([1], [{}])

    def test_a_destination_of_facts_does_without_it(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        alerts = Destination("alerts", frozenset([EventKind.DEPRECATED]))
        monkeypatch.setattr(destinations, "DECLARATIONS", [lambda settings: alerts])
        outcome, built = self.outcome(EventKind.DEPRECATED)
        record_in_transaction(world, outcome)
        assert (built, read_events(world)[0].body) == ([], None)
        assert world.platform.deliver({"alerts": lambda message: None}).sent == 1


@pytest.mark.parametrize(("contracts", "reads"), [(True, True), (True, False), (False, True), (False, False)])
def test_the_settings_of_openlineage_select_its_kinds(world: World, contracts: bool, reads: bool) -> None:
    receiver = OpenLineage("http://127.0.0.1:9", contracts=contracts, reads=reads)
    (declared,) = list_destinations(replace(world.mesh.settings, openlineage=receiver))
    expected = {"published", "refused"}
    expected |= {"registered", "renamed", "deprecated", "retired"} if contracts else set()
    assert declared.kinds == expected | ({"consumed"} if reads else set())


def test_every_declared_destination_has_a_sender(world: World) -> None:
    settings = replace(world.mesh.settings, openlineage=OpenLineage("http://127.0.0.1:9"))
    assert {destination.name for destination in list_destinations(settings)} == set(build_senders(settings))
    assert list_destinations(world.mesh.settings) == ()


def test_a_refused_contract_is_an_event_whether_registered_or_published(world: World) -> None:
    world.product(columns={**IDS, "note": {"type": "string"}}).publish("t", [{"id": 1, "note": "a"}])
    narrower = world.product(columns=IDS)
    with pytest.raises(IncompatibleChange):
        narrower.register()
    with pytest.raises(IncompatibleChange):
        narrower.publish("t", ROWS)
    refused = [(event.kind, event.subject) for event in read_events(world)[2:]]
    assert refused == [
        ("contract_refused", "orders"),
        ("contract_refused", "orders"),
        ("incident_opened", "orders.t"),
    ]
    assert (read_events(world)[2].details or {}) == {"kind": "IncompatibleChange"}


def test_an_incident_that_grows_is_an_event(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    refuse_publish(world)
    for number in range(5):
        world.become(f"reader{number}@x")
        world.platform.consume("orders", "t")
    world.become("ana@x")
    refuse_publish(world)
    changes = [event for event in read_events(world) if event.kind.startswith("incident")]
    assert [(event.kind, (event.details or {})["severity"]) for event in changes] == [
        ("incident_opened", "low"),
        ("incident_raised", "high"),
    ]


def test_a_read_that_policies_refuse_is_an_event(world: World) -> None:
    world.product(columns=IDS).publish("t", ROWS)
    world.platform.define_domain("sales", members=["sam@x"])
    condition = "ASSERT all(c IN consumers ASSERT c.domain = product.domain)"
    apply_policies(
        world, f'policies:\n  - {{name: inside, rule: {{type: metadata-check, condition: "{condition}"}}}}\n'
    )
    world.become("eve@x")
    with pytest.raises(PolicyViolation):
        world.platform.consume("orders", "t")
    refused = read_events(world)[-1]
    assert (refused.kind, refused.subject, refused.by) == ("read_refused", "orders.t", "eve@x")
    assert refused.details == {"kind": "PolicyViolation"}


class TestTheEndOfAMajor:
    @pytest.fixture
    def received(self, world: World) -> Callable[[], list[Mapping[str, Any]]]:
        world.mesh.settings = replace(world.mesh.settings, openlineage=OpenLineage("http://127.0.0.1:9"))
        world.product(columns=IDS, more="tags: [core]").publish("t", ROWS)
        world.platform.deliver({"openlineage": lambda event: None})

        def deliver() -> list[Mapping[str, Any]]:
            messages: list[Mapping[str, Any]] = []
            world.platform.deliver({"openlineage": messages.append})
            return messages

        return deliver

    @needs_the_standard
    def test_it_is_announced_by_a_tag_and_done_by_a_drop(
        self, world: World, received: Callable[[], list[Mapping[str, Any]]]
    ) -> None:
        world.platform.deprecate("orders", "t", NOON + timedelta(days=30))
        (announced,) = received()
        tags = {tag["key"]: tag["value"] for tag in announced["dataset"]["facets"]["tags"]["tags"]}
        assert (tags["deprecated_until"], tags["core"]) == ("2026-12-23", "true")
        world.product(columns=IDS, more="tags: [core]").publish("t", ROWS)
        publish = received()[1]
        assert "deprecated_until" in [tag["key"] for tag in publish["outputs"][0]["facets"]["tags"]["tags"]]
        world.clock.later(days=31)
        world.platform.retire("orders", "t")
        (dropped,) = received()
        table = str(world.context.place("orders", "t").location)
        assert (dropped["dataset"]["namespace"], dropped["dataset"]["name"]) == ("file", table)
        assert dropped["dataset"]["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "DROP"
        assert [problem for event in (announced, publish, dropped) for problem in problems(event)] == []

    def test_a_retired_product_drops_each_of_its_tables_last(
        self, world: World, received: Callable[[], list[Mapping[str, Any]]]
    ) -> None:
        world.platform.deprecate_product("orders", "30 days")
        world.clock.later(days=31)
        received()
        world.platform.retire_product("orders")
        *_, dropped = received()
        assert dropped["dataset"]["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "DROP"
        assert [event.kind for event in read_events(world)[-3:]] == ["registered", "retired", "retired"]


def count_statements(world: World, outcomes: list[ActOutcome]) -> int:
    """Without the two that open the transaction."""
    with recorded_statements(world) as statements:
        record_in_transaction(world, *outcomes)
    return sum(not statement.startswith(("PRAGMA", "BEGIN")) for statement in statements)


def test_the_outcomes_of_an_act_take_three_statements_however_many_they_are(world: World) -> None:
    outcome = ActOutcome(EventKind.TRANSFER_OFFERED, Subject("orders"), {"owner": "ana", "to": "bea"})
    assert count_statements(world, [outcome]) == 3
    assert count_statements(world, [outcome] * 20) == 3


def test_delivered_messages_of_a_destination_that_is_set_up_no_longer_are_those_of_the_record(world: World) -> None:
    with world.mesh.record.transaction() as tx:
        id = events.add(tx, Event(0, 0, "orders", "published", NOON, "ana", [{"number": 1}]))
        outbox.add(tx, [outbox.QueuedEvent(id, "former", "orders")], NOON)
    received: list[Mapping[str, Any]] = []
    assert world.platform.deliver({"former": received.append}) == Delivered(1, 0, 0, 0)
    assert received == [{"number": 1}]


def test_verbs_write_events_entries_and_messages_through_the_recorder_alone() -> None:
    writes = re.compile(r"\b(?:events\.add(?:_all)?|outbox\.add|log\.append)\(")
    verbs = Path(data_platform.__file__).parent / "verbs"
    writers = {path.name for path in verbs.rglob("*.py") if writes.search(path.read_text(encoding="utf-8"))}
    assert writers == {"recorder.py", "sealed_reads.py"}
