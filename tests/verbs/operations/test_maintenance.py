"""tick: what a clock would do, however often, twice at once, and after a kill."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event

from data_platform import DataProduct
from data_platform.errors import StorageFailed
from data_platform.record.operations import events, incidents, leases, outbox
from data_platform.record.operations.events import Event
from data_platform.record.operations.outbox import QueuedEvent
from data_platform.settings import Principal
from data_platform.verbs.operations import maintenance as ticking
from data_platform.verbs.operations.maintenance import Tick, run_maintenance
from data_platform.verbs.results import Delivered, IncidentInfo, Ticked
from tests.meshes import IDS, NOON, ROWS, World

PROMISES = "sla: {freshness: 1 hour, availability: 90%}"


@pytest.fixture
def orders(world: World) -> DataProduct:
    product = world.product(columns=IDS, output=PROMISES)
    product.publish("t", ROWS)
    return product


def told(found: tuple[IncidentInfo, ...]) -> list[tuple[str, str]]:
    return [(each.product, each.cause) for each in found]


def changes(done: Ticked) -> tuple[object, ...]:
    return done.opened, done.resolved, done.graver, done.leases


def test_an_empty_mesh_ticks(world: World) -> None:
    done = world.platform.tick()
    assert (done.at, done.products, done.promises, changes(done)) == (NOON, 0, 0, ((), (), (), 0))


def test_a_promise_that_breaks_opens_an_incident_once(world: World, orders: DataProduct) -> None:
    world.clock.later(hours=1)
    fine = world.platform.tick()
    assert (fine.products, fine.promises, fine.broken, changes(fine)) == (1, 2, 0, ((), (), (), 0))
    world.clock.later(minutes=1)
    done = world.platform.tick()
    assert told(done.opened) == [("orders", "freshness broken")]
    assert done.opened[0].summary == "the newest data is 1 hour 1 minute old, 1 hour was promised"
    world.clock.later(hours=1)
    again = world.platform.tick()
    assert (again.broken, changes(again)) == (1, ((), (), (), 0))
    assert world.platform.incidents("orders")[0].occurrences == 1
    assert [event.kind for event in world.platform.incident(done.opened[0].id).timeline] == ["opened"]


def test_a_publish_that_keeps_the_promise_again_resolves_it(world: World, orders: DataProduct) -> None:
    world.clock.later(hours=2)
    world.platform.tick()
    orders.publish("t", ROWS)
    (incident,) = world.platform.incidents("orders")
    assert incident.resolved_at == world.clock.now
    assert changes(world.platform.tick()) == ((), (), (), 0)


def test_a_publish_of_old_data_resolves_nothing(world: World) -> None:
    columns = IDS | {"sold_at": {"type": "string", "format": "date-time"}}
    product = world.product(columns=columns, output="sla: {freshness: 1 hour, freshness_column: sold_at}")
    product.publish("t", [{"id": 1, "sold_at": "2026-11-23T12:00:00Z"}])
    world.clock.later(hours=2)
    assert told(world.platform.tick().opened) == [("orders", "freshness broken")]
    product.publish("t", [{"id": 1, "sold_at": "2026-11-23T12:30:00Z"}])
    assert world.platform.incidents("orders", open_only=True)
    assert changes(world.platform.tick()) == ((), (), (), 0)
    product.publish("t", [{"id": 1, "sold_at": "2026-11-23T13:30:00Z"}])
    assert world.platform.incidents("orders", open_only=True) == []


def test_a_promise_that_is_made_no_more_is_not_broken(world: World, orders: DataProduct) -> None:
    world.clock.later(hours=2)
    world.platform.tick()
    world.product(columns=IDS, output=PROMISES, more="status: draft").register()
    world.product(columns=IDS, output="sla: {freshness: 3 hours}").register()
    assert told(world.platform.tick().resolved) == [("orders", "freshness broken")]
    world.clock.later(hours=2)
    assert told(world.platform.tick().opened) == [("orders", "freshness broken")]
    world.product(columns=IDS, output="sla: {freshness: 3 hours}", more="status: retired").register()
    done = world.platform.tick()
    assert (done.products, told(done.resolved)) == (0, [("orders", "freshness broken")])


def test_what_was_never_published_breaks_nothing(world: World) -> None:
    world.product(columns=IDS, output=PROMISES).register()
    world.clock.later(days=9)
    done = world.platform.tick()
    assert (done.promises, done.broken, done.opened) == (2, 0, ())


@pytest.mark.parametrize(("status", "products"), [("deprecated", 1), ("draft", 0), ("proposed", 0)])
def test_only_products_in_use_are_judged(world: World, status: str, products: int) -> None:
    world.product(columns=IDS, output=PROMISES, more=f"status: {status}").publish("t", ROWS)
    world.clock.later(days=1)
    done = world.platform.tick()
    assert (done.products, len(done.opened)) == (products, products)


def test_reads_that_fail_break_availability_until_enough_succeed(world: World, orders: DataProduct) -> None:
    world.platform.consume("orders", "t").collect()
    (data,) = world.tables.rglob("*.parquet")
    hidden = data.rename(data.with_suffix(".gone"))
    with pytest.raises(StorageFailed):
        world.platform.consume("orders", "t").collect()
    opened = {incident.cause: incident.summary for incident in world.platform.tick().opened}
    assert opened.keys() == {"availability broken", "data damaged"}
    assert opened["availability broken"] == "1 of 2 reads failed in 30 days, 90% was promised"
    hidden.rename(data)
    for _ in range(18):  # the probe of the tick failed too
        world.platform.consume("orders", "t").collect()
    assert told(world.platform.tick().resolved) == [("orders", "availability broken"), ("orders", "data damaged")]


@pytest.mark.long
def test_severity_grows_with_the_readers(world: World, orders: DataProduct) -> None:
    world.clock.later(hours=2)
    (opened,) = world.platform.tick().opened
    assert opened.severity == "low"
    me = world.context.principal
    for number in range(5):
        world.act_as(Principal(f"reader{number}@x", verified=False, local=True))
        world.platform.consume("orders", "t")
    world.act_as(me)
    assert [(each.id, each.severity) for each in world.platform.tick().graver] == [(opened.id, "high")]
    assert changes(world.platform.tick()) == ((), (), (), 0)
    assert world.platform.incidents("orders")[0].severity == "high"


def test_leases_whose_time_is_up_end(world: World, orders: DataProduct) -> None:
    with world.mesh.record.transaction() as tx:
        leases.open(tx, "dead", "orders", "t", "ana", NOON)
        leases.open(tx, "alive", "orders", "t", "ana", NOON + timedelta(hours=1))
    assert (world.platform.tick().leases, world.platform.tick().leases) == (1, 0)
    with world.mesh.record.reading() as conn:
        assert leases.list_live(conn) == {"alive"}


def test_a_publish_that_comes_between_is_seen(
    world: World, orders: DataProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The promise was broken when it was judged, and is kept when the incident would be written."""
    world.clock.later(hours=2)
    judge = ticking.evaluate_slas

    def judge_and_be_overtaken(*given: object) -> object:
        found = judge(*given)  # type: ignore[arg-type]
        overtaken.start()
        return found

    overtaken = threading.Thread(target=orders.publish, args=("t", ROWS))
    monkeypatch.setattr(ticking, "_find_blast_radiuses", _after(ticking._find_blast_radiuses, overtaken))
    monkeypatch.setattr(ticking, "evaluate_slas", judge_and_be_overtaken)
    assert world.platform.tick().opened == ()
    assert world.platform.incidents("orders") == []


def _after(call: object, thread: threading.Thread) -> object:
    def joined(*given: object) -> object:
        thread.join()
        return call(*given)  # type: ignore[operator]

    return joined


def test_the_outbox_is_sent(world: World, orders: DataProduct) -> None:
    with world.mesh.record.transaction() as tx:
        told_of = events.add(tx, Event(0, 0, "orders", "published", NOON, "ana", [{"about": "orders"}]))
        outbox.add(tx, [QueuedEvent(told_of, "receiver", "orders")], NOON)
    sent: list[object] = []
    assert world.platform.tick().delivered == Delivered(0, 0, 0, 1)
    assert world.platform.tick({"receiver": sent.append}).delivered == Delivered(1, 0, 0, 0)
    assert world.platform.tick({"receiver": sent.append}).delivered == Delivered(0, 0, 0, 0)
    assert sent == [{"about": "orders"}]


@pytest.mark.long
def test_two_at_once_open_each_incident_once(world: World) -> None:
    for number in range(6):
        world.product(f"p{number}", IDS, output=PROMISES).publish("t", ROWS)
    world.clock.later(hours=2)
    done: list[Ticked] = []
    threads = [threading.Thread(target=lambda: done.append(run_maintenance(world.context, Tick()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.product for ticked in done for each in ticked.opened) == [f"p{number}" for number in range(6)]
    assert len(world.platform.incidents()) == 6


def test_a_tick_that_is_killed_half_way_is_finished_by_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        world.product(f"p{number}", IDS, output=PROMISES).publish("t", ROWS)
    world.clock.later(hours=2)
    monkeypatch.setattr(ticking, "_BATCH", 2)
    hold, calls = incidents.open_if_absent, []

    def dying(*given: object) -> object:
        calls.append(given)
        found = hold(*given)  # type: ignore[arg-type]
        if len(calls) == 2:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(incidents, "open_if_absent", dying)
    with pytest.raises(KeyboardInterrupt):
        world.platform.tick()
    assert len(world.platform.incidents()) == 2
    assert len(world.platform.tick().opened) == 3
    assert {each.occurrences for each in world.platform.incidents()} == {1}


def test_it_asks_as_few_questions_of_many_products_as_of_few(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "probe_outputs", lambda context, ports: None)  # each probe is a read

    def questions() -> int:
        asked: list[str] = []
        engine = world.mesh.record._backend.engine
        listen = lambda *given: asked.append(given[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listen)
        run_maintenance(world.context, Tick())
        event.remove(engine, "before_cursor_execute", listen)
        return len([statement for statement in asked if statement.lstrip().upper().startswith("SELECT")])

    world.product("p0", IDS, output=PROMISES).publish("t", ROWS)
    world.clock.later(hours=2)
    few = questions()
    for number in range(1, 8):
        world.product(f"p{number}", IDS, output=PROMISES).publish("t", ROWS)
    world.clock.later(hours=2)
    assert questions() <= few + 1
