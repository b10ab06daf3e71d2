"""What the program that runs a pipeline reports, and what a publish of a run records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from data_platform import DataProduct
from data_platform.errors import BadInput, NotFound, Refused, RunConflict
from data_platform.verbs.publishing.publish import Publish
from data_platform.verbs.results.runs import LONGEST_LOG, LOST_AFTER, RunInfo
from data_platform.verbs.runs.execution import LONGEST_KIND
from tests.meshes import IDS, NOON, ROWS, World

ALMOST_LOST = LOST_AFTER - timedelta(seconds=1)


@pytest.fixture
def orders(world: World) -> DataProduct:
    product = world.product(columns=IDS)
    product.register()
    return product


def start(world: World, **options: Any) -> RunInfo:
    return world.platform.start_run("orders", "t", **options)


def publish(world: World, product: DataProduct, run: str) -> int | None:
    return world.platform.publish(Publish("orders", "t", product.file, run=run), ROWS).version


def pass_time(world: World, by: timedelta) -> None:
    world.clock.now += by


def test_a_run_goes_from_its_start_by_its_version_to_its_end(world: World, orders: DataProduct) -> None:
    run = start(world)
    assert (run.state, run.product, run.output, run.attempt) == ("running", "orders", "t", 1)
    assert (run.started_at, run.heartbeat_at, run.by) == (NOON, NOON, world.platform.principal.name)
    pass_time(world, timedelta(seconds=15))
    assert world.platform.heartbeat_run(run.id).heartbeat_at == world.clock.now
    assert publish(world, orders, run.id) == 1
    ended = world.platform.finish_run(run.id, "succeeded", log="built\n")
    assert (ended.state, ended.version, ended.publishing_at, ended.finished_at) == (
        "succeeded",
        1,
        world.clock.now,
        world.clock.now,
    )
    detail = world.platform.run(run.id)
    assert (detail.run, detail.log) == (ended, "built\n")


def test_the_run_of_the_lineage_events_is_the_run(world: World, orders: DataProduct) -> None:
    run = start(world)
    publish(world, orders, run.id)
    events = world.platform.lineage_events("orders")
    assert run.id in {event["run"]["runId"] for event in events if "run" in event}


def test_an_error_is_recorded_within_limits(world: World, orders: DataProduct) -> None:
    run = start(world)
    log = "ä" * LONGEST_LOG + "end"
    world.platform.finish_run(run.id, "failed", error_kind="ValueError", error="x" * 9_999, log=log)
    detail = world.platform.run(run.id)
    assert detail.run.error_kind == "ValueError"
    assert detail.run.error == "x" * 2_000
    assert len(detail.log.encode()) <= LONGEST_LOG
    assert detail.log.endswith("äend")


def test_a_finished_run_takes_no_report(world: World, orders: DataProduct) -> None:
    run = start(world)
    world.platform.finish_run(run.id, "failed")
    for report in (
        lambda: world.platform.heartbeat_run(run.id),
        lambda: world.platform.finish_run(run.id, "failed"),
        lambda: publish(world, orders, run.id),
    ):
        with pytest.raises(RunConflict, match=f"run {run.id} is failed since 2026-11-23 12:00:00 UTC"):
            report()
    assert world.numbers() == []


def test_a_run_ends_by_its_version(world: World, orders: DataProduct) -> None:
    run = start(world)
    with pytest.raises(BadInput, match="has published nothing"):
        world.platform.finish_run(run.id, "succeeded")
    with pytest.raises(BadInput, match="does not end as 'lost'"):
        world.platform.finish_run(run.id, "lost")
    publish(world, orders, run.id)
    with pytest.raises(BadInput, match="has published version 1"):
        world.platform.finish_run(run.id, "failed")
    assert world.platform.run(run.id).run.state == "running"


def test_a_run_publishes_once_and_to_its_own_product(world: World, orders: DataProduct) -> None:
    run = start(world)
    with pytest.raises(BadInput, match="is one of orders, and not of customers"):
        other = world.product("customers", IDS)
        world.platform.publish(Publish("customers", "t", other.file, run=run.id), ROWS)
    publish(world, orders, run.id)
    with pytest.raises(RunConflict, match="has published before"):
        publish(world, orders, run.id)
    for nowhere in ("x", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(NotFound, match=f"there is no run {nowhere}"):
            publish(world, orders, nowhere)
    assert world.numbers() == [1]


def test_a_refused_publish_of_a_run_is_refused_as_any_other(world: World, orders: DataProduct) -> None:
    run = start(world)
    with pytest.raises(Refused):
        world.platform.publish(Publish("orders", "t", orders.file, run=run.id), [{"id": "x"}])
    ended = world.platform.finish_run(run.id, "refused", error_kind="SchemaMismatch", error="id (type)")
    assert (ended.state, ended.version) == ("refused", None)


def test_a_run_that_is_not_heard_from_is_lost_and_revived_until_that_is_recorded(
    world: World, orders: DataProduct
) -> None:
    run = start(world)
    pass_time(world, ALMOST_LOST)
    assert world.platform.run(run.id).run.state == "running"
    pass_time(world, timedelta(seconds=2))
    assert world.platform.run(run.id).run.state == "lost"
    assert world.platform.heartbeat_run(run.id).state == "running"
    pass_time(world, LOST_AFTER + timedelta(seconds=1))
    assert [lost.id for lost in world.platform.tick().lost_runs] == [run.id]
    assert world.platform.tick().lost_runs == ()
    with pytest.raises(RunConflict, match="is lost since"):
        world.platform.heartbeat_run(run.id)
    entries = world.platform.audit_log(act="run")
    assert [entry.details["did"] for entry in entries] == ["lost", "started"]


def test_a_run_that_was_recorded_as_lost_cannot_publish(world: World, orders: DataProduct) -> None:
    run = start(world)
    pass_time(world, LOST_AFTER * 2)
    world.platform.tick()
    with pytest.raises(RunConflict, match="is lost since"):
        publish(world, orders, run.id)
    assert world.numbers() == []
    assert world.platform.incidents() == []


def test_a_run_that_is_lost_while_it_publishes_makes_no_version(world: World, orders: DataProduct) -> None:
    run = start(world)

    def lose(step: str, done: int) -> None:
        if step == "audited":
            pass_time(world, LOST_AFTER * 2)
            world.platform.tick()

    with pytest.raises(RunConflict, match="is lost since"):
        world.platform.publish(Publish("orders", "t", orders.file, run=run.id), ROWS, lose)
    assert world.numbers() == []
    assert world.files() == set()
    assert orders.publish("t", ROWS).version == 1


def test_a_run_that_published_and_was_not_heard_from_has_succeeded(world: World, orders: DataProduct) -> None:
    run = start(world)
    publish(world, orders, run.id)
    pass_time(world, LOST_AFTER * 2)
    assert world.platform.run(run.id).run.state == "succeeded"
    assert world.platform.tick().lost_runs == ()
    assert world.platform.run(run.id).run.finished_at == world.clock.now


def test_an_attempt_of_a_scheduled_time_is_run_once(world: World, orders: DataProduct) -> None:
    first = start(world, scheduled_for=NOON, attempt=1)
    for attempt in (None, 1, 2):
        with pytest.raises(RunConflict, match=r"attempt 1 of orders.t for 2026-11-23 12:00 UTC has been started"):
            start(world, scheduled_for=NOON, attempt=attempt)
    world.platform.finish_run(first.id, "failed")
    with pytest.raises(RunConflict, match=r"attempt 1 of orders.t for 2026-11-23 12:00 UTC has been run"):
        start(world, scheduled_for=NOON, attempt=1)
    with pytest.raises(BadInput, match="the next attempt is 2, and not 3"):
        start(world, scheduled_for=NOON, attempt=3)
    assert start(world, scheduled_for=NOON).attempt == 2
    assert start(world, scheduled_for=NOON + timedelta(hours=1), attempt=1).attempt == 1


def test_the_next_attempt_ends_an_overdue_one(world: World, orders: DataProduct) -> None:
    first = start(world, scheduled_for=NOON)
    pass_time(world, LOST_AFTER * 2)
    second = start(world, scheduled_for=NOON)
    assert second.attempt == 2
    with pytest.raises(RunConflict):
        publish(world, orders, first.id)
    assert publish(world, orders, second.id) == 1


def test_runs_without_a_schedule_are_free_also_at_once(world: World, orders: DataProduct) -> None:
    one, two = start(world), start(world)
    assert (one.attempt, two.attempt) == (1, 1)
    publish(world, orders, two.id)
    publish(world, orders, one.id)
    assert world.numbers() == [1, 2]
    with pytest.raises(BadInput, match="an attempt of a scheduled time"):
        start(world, attempt=2)


def test_an_archived_product_starts_no_run(world: World, orders: DataProduct) -> None:
    world.platform.archive("orders")
    with pytest.raises(Refused, match="was archived"):
        start(world)
    assert world.platform.runs("orders") == []


def test_a_product_need_not_be_registered_before_its_first_run(world: World) -> None:
    product = world.product(columns=IDS)
    run = start(world)
    assert publish(world, product, run.id) == 1
    assert world.platform.finish_run(run.id, "succeeded").version == 1


def test_a_run_is_found_under_the_new_name_of_its_product(world: World, orders: DataProduct) -> None:
    world.become("ana@x")
    run = start(world)
    world.platform.rename("orders", "receipts")
    assert world.platform.run(run.id).run.product == "receipts"
    assert [found.id for found in world.platform.runs("orders")] == [run.id]
    assert start(world).product == "receipts"
    assert world.platform.heartbeat_run(run.id).product == "receipts"


def test_a_run_names_its_output(world: World, orders: DataProduct) -> None:
    assert world.platform.start_run("orders").output == "t"
    with pytest.raises(BadInput, match="a run of nowhere is of one output"):
        world.platform.start_run("nowhere")
    with pytest.raises(BadInput):
        world.platform.start_run("orders#3")
    with pytest.raises(NotFound, match="there is no run x"):
        world.platform.heartbeat_run("x")


def test_a_run_of_one_output_cannot_publish_to_another(world: World) -> None:
    text = "name: orders\ndomain: sales\nowner: ana@x\noutputs:\n  - name: t\n  - name: u\n"
    product = DataProduct(world.write("orders", text), world.platform)
    product.register()
    run = start(world, scheduled_for=NOON)
    world.platform.start_run("orders", "u", scheduled_for=NOON)
    with pytest.raises(BadInput, match=r"is one of orders\.t, and not of orders\.u"):
        product.publish("u", ROWS, run=run.id)
    assert product.publish("t", ROWS, run=run.id).version == 1


def test_a_scheduled_time_of_a_new_major_has_one_run(world: World, orders: DataProduct) -> None:
    orders.publish("t", ROWS)
    run = start(world, scheduled_for=NOON)
    later = world.product(columns={"id": {"type": "string"}}, more="version: 2.0.0")
    later.register()
    assert world.platform.start_run("orders", "t", scheduled_for=NOON).output == "t@2"
    with pytest.raises(RunConflict, match=r"another run has attempt 1 of orders\.t@2 for 2026-11-23 12:00 UTC"):
        later.publish("t", [{"id": "a"}], run=run.id)
    assert world.platform.versions("orders", "t@1")[0].version == 1


def test_the_kind_of_an_error_is_cut(world: World, orders: DataProduct) -> None:
    ended = world.platform.finish_run(start(world).id, "failed", error_kind="K" * 10_000)
    assert ended.error_kind == "K" * LONGEST_KIND
