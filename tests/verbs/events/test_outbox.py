"""The outbox is emptied at least once and in order, whatever the receiver does, however many send at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from data_platform import Platform
from data_platform.integrations.senders import build_senders
from data_platform.platform import InProcess
from data_platform.record.operations import events, outbox
from data_platform.record.operations.events import Event
from data_platform.record.operations.outbox import QueuedEvent
from data_platform.settings import OpenLineage
from data_platform.verbs.core.attachments import Attachments, Sender
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.events.outbox import Deliver, NotAccepted, NotDelivered
from data_platform.verbs.events.outbox import deliver as story
from data_platform.verbs.results import Delivered
from tests.integrations.receiver import Answer, Server
from tests.meshes import IDS, NOON, ROWS, World

Json = Mapping[str, Any]


def queue(world: World, key: str, *numbers: int, destination: str = "there") -> None:
    """A message for each number, of two events."""
    for number in numbers:
        body = [{"key": key, "number": number, "part": part} for part in (1, 2)]
        with world.mesh.record.transaction() as tx:
            event = events.add(tx, Event(0, 0, key, "published", world.clock(), "ana", body))
            outbox.add(tx, [QueuedEvent(event, destination, key)], world.clock())


def deliver(world: World, send: Sender) -> Delivered:
    return world.platform.deliver({"there": send})


class Wire:
    """A sender that keeps what arrives, and fails as `fails` says."""

    def __init__(self, fails: Callable[[Json], Exception | None] = lambda event: None) -> None:
        self.fails = fails
        self.arrived: list[tuple[str, int, int]] = []

    def __call__(self, event: Json) -> None:
        if error := self.fails(event):
            raise error
        self.arrived.append((event["key"], event["number"], event["part"]))


def down(event: Json) -> Exception:
    return NotDelivered("503 Service Unavailable")


def test_one_round_sends_all_that_waits_in_order(world: World) -> None:
    queue(world, "a", *range(30))
    wire = Wire()
    assert deliver(world, wire) == Delivered(sent=30, failed=0, refused=0, waiting=0)
    assert wire.arrived == [("a", number, part) for number in range(30) for part in (1, 2)]
    assert deliver(world, wire) == Delivered(0, 0, 0, 0)


def test_a_failure_keeps_the_order_of_its_key_and_stops_no_other(world: World) -> None:
    queue(world, "a", 1, 2)
    queue(world, "b", 1)
    wire = Wire(lambda event: NotDelivered("503") if event["key"] == "a" else None)
    done = deliver(world, wire)
    assert done == Delivered(sent=1, failed=1, refused=0, waiting=2, cause="there: 503", next_try=done.next_try)
    assert wire.arrived == [("b", 1, 1), ("b", 1, 2)]
    [waits] = world.platform.outbox()
    assert (waits.waiting, waits.oldest, waits.error) == (2, NOON, "503")
    wire.fails = lambda event: None
    world.clock.later(seconds=2)
    assert deliver(world, wire).waiting == 0
    assert wire.arrived[2:] == [("a", number, part) for number in (1, 2) for part in (1, 2)]


def test_waits_grow_to_a_quarter_of_an_hour(world: World) -> None:
    queue(world, "a", 1)
    waits = []
    for _ in range(14):
        assert deliver(world, Wire(down)).failed == 1
        assert deliver(world, Wire(down)).failed == 0
        due = world.platform.outbox()[0].next_try
        assert due is not None
        waits.append(due - world.clock())
        world.clock.now = due
    assert all(
        timedelta(seconds=2**tries) <= wait <= timedelta(seconds=2 ** (tries + 1))
        for tries, wait in enumerate(waits[:8])
    )
    assert timedelta(minutes=7.5) <= waits[-1] <= timedelta(minutes=15)


@pytest.mark.parametrize(("asked", "most"), [(60, 60), (10**6, 3600)])
def test_a_receiver_is_left_alone_as_long_as_it_asks_but_not_for_ever(world: World, asked: int, most: int) -> None:
    queue(world, "a", 1)
    deliver(world, Wire(lambda event: NotDelivered("429", retry_after=timedelta(seconds=asked))))
    assert world.platform.outbox()[0].next_try == NOON + timedelta(seconds=most)


def test_a_receiver_that_is_down_is_not_asked_for_every_message(world: World) -> None:
    for number in range(50):
        queue(world, f"k{number}", number)
    done = deliver(world, Wire(down))
    assert (done.sent, done.failed, done.waiting, done.cause) == (0, 3, 50, "there: 503 Service Unavailable")
    assert done.next_try is not None
    assert NOON + timedelta(seconds=1) <= done.next_try <= NOON + timedelta(seconds=2)
    done = deliver(world, Wire())
    assert (done.sent, done.failed, done.waiting) == (47, 0, 3)


def test_a_round_in_which_nothing_is_due_says_what_is_waited_for(world: World) -> None:
    queue(world, "a", 1)
    due = deliver(world, Wire(down)).next_try
    assert deliver(world, Wire()) == Delivered(0, 0, 0, waiting=1, cause="there: 503 Service Unavailable", next_try=due)


def test_a_refused_event_is_kept_with_its_error_and_those_after_it_are_sent(world: World) -> None:
    queue(world, "a", 1, 2)
    wire = Wire(lambda event: NotAccepted("422 bad event") if (event["number"], event["part"]) == (1, 1) else None)
    cause = "1 of 2 events: 422 bad event"
    assert deliver(world, wire) == Delivered(sent=1, failed=0, refused=1, waiting=0, cause=f"there: {cause}")
    assert wire.arrived == [("a", 1, 2), ("a", 2, 1), ("a", 2, 2)]
    [kept] = world.platform.outbox()
    assert (kept.waiting, kept.refused, kept.oldest, kept.refusals) == (0, 1, None, {cause: 1})
    wire.fails = lambda event: None
    assert world.platform.try_again() == 1
    assert deliver(world, wire) == Delivered(sent=1, failed=0, refused=0, waiting=0)
    assert world.platform.outbox() == []


def test_whoever_is_interrupted_gives_up_its_claims(world: World) -> None:
    queue(world, "a", 1)
    queue(world, "b", 1)

    def interrupted(event: Json) -> Exception:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(world, Wire(interrupted))
    assert deliver(world, Wire()).sent == 2


def test_what_has_no_sender_waits(world: World) -> None:
    queue(world, "a", 1)
    assert world.platform.deliver({}) == Delivered(0, 0, 0, 1)


def test_a_round_ends(world: World) -> None:
    queue(world, "a", *range(5))
    assert story(
        replace(world.context, attachments=Attachments(senders={"there": Wire()})), Deliver(most=3)
    ) == Delivered(3, 0, 0, 2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_whatever_fails_everything_arrives_and_first_arrivals_are_in_order(world: World, seed: int) -> None:
    chance = random.Random(seed)
    queued = [(chance.choice("abc"), number) for number in range(25)]
    for key, number in queued:
        queue(world, key, number)
    wire = Wire(lambda event: NotDelivered("503") if chance.random() < 0.3 else None)
    for _ in range(200):
        if deliver(world, wire).waiting == 0:
            break
        world.clock.later(minutes=15)
    assert in_order(wire.arrived) == {key: [n for k, n in queued if k == key] for key, _ in queued}


def in_order(arrived: list[tuple[str, int, int]]) -> dict[str, list[int]]:
    """The numbers of each key in the order of their first whole arrival."""
    whole = dict.fromkeys((key, number) for key, number, part in arrived if part == 2)
    return {key: [number for k, number in whole if k == key] for key, _ in whole}


class TestOverHttp:
    @pytest.fixture
    def server(self, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        server = Server()
        with server.running():
            world.mesh.settings = replace(world.mesh.settings, openlineage=OpenLineage(server.url, timeout_seconds=1))
        return server

    def test_a_day_of_the_mesh_arrives_event_by_event(self, world: World, server: Server) -> None:
        world.product(columns=IDS, required=("id",), output="primary_key: [id]").publish("t", ROWS)
        world.platform.consume("orders", "t").collect()
        with server.running():
            assert world.platform.deliver(build_senders(world.mesh.settings)) == Delivered(3, 0, 0, 0)
        told = [
            (event["schemaURL"].rpartition("/")[2], event.get("eventType"), event.get("job", {}).get("name"))
            for event in server.events
        ]
        assert [each for each in told if each[2] != "orders.t.consume"] == [
            ("DatasetEvent", None, None),
            ("JobEvent", None, "orders.t"),
            ("RunEvent", "START", "orders.t"),
            ("RunEvent", "COMPLETE", "orders.t"),
            ("RunEvent", "START", "orders.t.quality"),
            ("RunEvent", "COMPLETE", "orders.t.quality"),
        ]
        assert [each[1] for each in told if each[2] == "orders.t.consume"] == ["START", "COMPLETE"]

    def test_a_receiver_that_restarts_misses_nothing(self, world: World, server: Server) -> None:
        product = world.product(columns=IDS)
        product.publish("t", ROWS)
        posts = build_senders(world.mesh.settings)
        assert world.platform.deliver(posts).sent == 0
        world.clock.later(minutes=1)
        with server.running():
            assert world.platform.deliver(posts).sent == 2
        product.publish("t", ROWS)
        assert world.platform.deliver(posts).failed == 1
        world.clock.later(minutes=1)
        with server.running():
            assert world.platform.deliver(posts) == Delivered(1, 0, 0, 0)
        versions = [
            event["outputs"][0]["facets"]["version"]["datasetVersion"]
            for event in server.events
            if event.get("eventType") == "COMPLETE"
        ]
        assert versions == ["1", "2"]

    def test_many_senders_at_once_do_not_reorder(self, world: World, server: Server) -> None:
        for number in range(12):
            for key in "abcd":
                queue(world, key, number, destination="openlineage")
        chance = random.Random(7)
        taken: list[tuple[str, int, int]] = []

        def answer(event: dict[str, Any]) -> Answer:
            if chance.random() < 0.15:
                return (503, {}, b"")
            taken.append((event["key"], event["number"], event["part"]))
            return (201, {}, b"")

        server.answer = answer
        others = [self.another(world) for _ in range(4)]
        with server.running(), ThreadPoolExecutor(4) as pool:
            for _ in range(100):
                posts = build_senders(world.mesh.settings)
                done = list(pool.map(lambda platform, posts=posts: platform.deliver(posts), others))
                if done[-1].waiting == 0:
                    break
                world.clock.later(minutes=15)
        for platform in others:
            platform.close()
        assert in_order(taken) == {key: list(range(12)) for key in "abcd"}

    def another(self, world: World) -> Platform:
        mesh = Mesh.open(world.mesh.home)
        mesh.clock = world.clock
        return Platform(InProcess(mesh))
