"""Whatever writes leaves its entry in the audit log, or is here with the reason why not."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data_platform import Platform
from data_platform.errors import Refused
from data_platform.platform import InProcess
from data_platform.record.audit_log.acts import Act
from data_platform.record.operations import events, outbox
from data_platform.record.operations.events import Event
from data_platform.verbs.core.attachments import NOTHING, Attachments
from data_platform.verbs.core.request import Request
from data_platform.verbs.registry import VERBS
from tests.meshes import IDS, NOON, ROWS, World

ELSEWHERE = {"Release": "tests/verbs/test_environments.py, which has two meshes"}

TO_COME = {Act.ROLLBACK, Act.GRANT}
"""Words of the log whose verbs are not there yet."""

POLICIES = """
policies:
  - {name: reviewed}
  - name: retention
    rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
"""


class Watched(InProcess):
    """Notes which acts each request added to the log."""

    def __init__(self, world: World) -> None:
        super().__init__(world.mesh, caller=world.transport.caller)
        self._world = world
        self.seen: defaultdict[str, set[str]] = defaultdict(set)

    def call(self, request: Request[Any], attachments: Attachments = NOTHING) -> Any:
        """The answer of the verb."""
        unwatched = Platform(InProcess(self._world.mesh))
        before = unwatched.audit_log(limit=1)[0].number
        try:
            return super().call(request, attachments)
        finally:
            new = unwatched.audit_log(after=before, limit=100)
            self.seen[type(request).__name__] |= {entry.act for entry in new}


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
    govern(world)
    incident = mesh.incidents(open_only=True)[0].id
    mesh.acknowledge_incident(incident)
    mesh.comment_incident(incident, "asked the shop")
    mesh.resolve_incident(incident)
    mesh.rotate_keys()
    mesh.backup(world.root / "backup")
    run = mesh.start_run("orders", "t")
    mesh.heartbeat_run(run.id)
    mesh.finish_run(run.id, "failed")
    mesh.define_domain("sales", owner="olga@x")
    mesh.subscribe("orders")
    mesh.unsubscribe("orders")
    hand_over(world)
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
    file = world.root / "policies.yaml"
    file.write_text(POLICIES)
    mesh.apply_policies(file)
    mesh.withdraw_attestation(mesh.attest_policy("orders", "reviewed", "LEGAL-7", soon).id)
    waiver = mesh.waive_policy("orders", "retention", "soon", soon).id
    world.become("bea@x")
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


def refuse_a_message(world: World) -> None:
    with world.mesh.record.transaction() as tx:
        event = events.add(tx, Event(0, 0, "orders", "published", world.clock(), "ana", [{}]))
        outbox.add(tx, event, "orders", ["there"], world.clock())


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
    }


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
