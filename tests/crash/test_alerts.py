"""A product stops, and the clock's process is killed: one "opened" and one "resolved" arrive all the same."""

from __future__ import annotations

import shutil
import signal
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from data_platform.integrations.senders import build_senders
from data_platform.server.process.clock import MaintenanceClock
from data_platform.settings import Home, load_settings
from data_platform.verbs.core.mesh import Mesh
from tests.crash.child import runs_clock, start
from tests.integrations.mailbox import SECRET, Mailbox
from tests.integrations.receiver import Server
from tests.meshes import IDS, ROWS, Clock, World

pytestmark = pytest.mark.long
AFTER_THE_CLAIMS = {"minutes": 11}
STEP = 4
"""Every fourth moment of writing, to save time; with 1 it is every one."""


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    with Server().running() as server:
        yield server


def declare_channels(world: World, webhook: Server, mailbox: Mailbox) -> None:
    world.mesh.home.settings_file.write_text(
        f'[channels.hook]\nurl = "{webhook.url}"\nsecret = "${{HOOK_SECRET}}"\nallow_private = true\n'
        f'[channels.mail]\nurl = "{mailbox.url}"\nallow_private = true\n'
    )
    world.mesh.settings = load_settings(world.mesh.home)


def list_events(webhook: Server) -> dict[str, list[str]]:
    """The messages by the change that they are of; each has the id by which a receiver knows a repeated one."""
    ids = defaultdict[str, list[str]](list)
    for message in webhook.events:
        for change in message["details"]["changes"]:
            ids[change["event"]].append(message["id"])
    return ids


def run_clock(home: Path, clock: Clock) -> None:
    mesh = Mesh.open(Home(home))
    mesh.clock = clock
    try:
        assert MaintenanceClock(mesh, build_senders(mesh.settings)).run_if_due()
    finally:
        mesh.close()


@pytest.mark.parametrize("phase", ["opened", "resolved"])
def test_each_change_arrives_once_wherever_the_clock_is_killed(world: World, webhook: Server, phase: str) -> None:
    with Mailbox().running() as mailbox:
        declare_channels(world, webhook, mailbox)
        product = world.product(columns=IDS, output="sla: {freshness: 1 minute}", more="alerts: [hook]")
        product.publish("t", ROWS)
        world.clock.later(minutes=2)
        if phase == "resolved":
            run_clock(world.home, world.clock)
            product.publish("t", ROWS)
            world.clock.later(seconds=59)
        world.mesh.record.close()
        started = world.clock.now
        for moment in count(1, STEP):
            webhook.heard.clear()
            world.clock.now = started
            home = Path(shutil.copytree(world.home, world.root / f"home-{moment}"))
            process = start(runs_clock, home, world.clock.later(seconds=1), moment)
            process.join(60)
            if process.exitcode == 0:
                assert len(list_events(webhook)[phase]) == 1
                break
            assert process.exitcode == -signal.SIGKILL
            world.clock.later(**AFTER_THE_CLAIMS)
            run_clock(home, world.clock)
            ids = list_events(webhook)[phase]
            assert len(set(ids)) == 1, f"{phase} was lost or doubled by a kill at {moment}"
            assert len(ids) <= 2, "only a kill between the post and its note repeats a message, under the same id"
            shutil.rmtree(home)
        assert moment > 10


def test_a_product_that_stops_is_said_by_mail_and_by_webhook(world: World, webhook: Server) -> None:
    with Mailbox().running() as mailbox:
        declare_channels(world, webhook, mailbox)
        product = world.product(columns=IDS, output="sla: {freshness: 1 minute}", more="alerts: [hook, mail]")
        product.publish("t", ROWS)
        clock = MaintenanceClock(world.mesh, build_senders(world.mesh.settings))
        for _ in range(5):
            world.clock.later(seconds=61)
            clock.run_if_due()
        product.publish("t", ROWS)
        world.clock.later(seconds=1)
        world.mesh.settings = load_settings(world.mesh.home)
        for _ in range(2):
            clock.run_if_due()
            product.publish("t", ROWS)
            world.clock.later(seconds=60)
    assert {event: len(ids) for event, ids in list_events(webhook).items()} == {"opened": 1, "resolved": 1}
    assert mailbox.subjects == [
        "[data-platform] orders: opened: freshness broken on orders.t (low)",
        "[data-platform] orders: resolved: freshness broken on orders.t (low)",
    ]
