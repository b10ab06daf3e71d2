from __future__ import annotations

import pytest

from data_platform.errors import BadInput
from tests.meshes import IDS, ROWS, World
from tests.verbs.lineage.events import make_event


@pytest.fixture
def orders(world: World) -> World:
    world.product(columns=IDS).publish("t", ROWS)
    return world


def test_an_event_is_kept_for_the_output_whose_folder_it_names(orders: World) -> None:
    path = str(orders.folder("orders", "t").location)
    for namespace, name in (("file", path), ("file", path + "/"), ("file://", path), ("data-platform", "orders.t")):
        received = orders.platform.receive_lineage([make_event((namespace, name))])
        assert (received.kept, received.outputs, received.ignored) == (1, ("orders.t",), ())
    (event, *_) = [
        event
        for event in orders.platform.lineage_events("orders")
        if event.get("job", {}).get("namespace") == "airflow"
    ]
    assert event["inputs"] == [{"namespace": "postgres://db:5432", "name": "shop.public.orders"}]
    assert "secret" not in str(event) and "SELECT" not in str(event) and "more" not in event


def test_an_event_that_comes_again_is_kept_once(orders: World) -> None:
    orders.product("first", columns=IDS).publish("t", ROWS)
    event = make_event(("data-platform", "orders.t"), ("data-platform", "first.t"))
    assert orders.platform.receive_lineage([event, event]).kept == 2
    entries = len(orders.platform.audit_log())
    received = orders.platform.receive_lineage([event])
    assert (received.kept, set(received.outputs)) == (1, {"orders.t", "first.t"})
    assert len(orders.platform.audit_log()) == entries
    assert orders.platform.receive_lineage([{**event, "eventType": "FAIL"}]).kept == 1
    shown = [one for one in orders.platform.lineage_events("orders", depth=3) if one["producer"] == event["producer"]]
    assert sorted(one["eventType"] for one in shown) == ["COMPLETE", "FAIL"]


def test_what_cannot_be_kept_is_ignored_with_its_reason_and_the_rest_is_kept(orders: World) -> None:
    good = make_event(("data-platform", "orders.t"))
    bad = [
        7,
        {},
        {**good, "run": {"runId": "x"}},
        {**good, "eventTime": "yesterday"},
        {**good, "eventType": "PARTY"},
        {**good, "job": {"namespace": "a"}},
        {**good, "outputs": "all"},
        {**good, "job": {"namespace": "a\nb", "name": "c"}},
        make_event(("s3://elsewhere", "x")),
    ]
    received = orders.platform.receive_lineage([*bad, good])
    assert received.kept == 1
    assert [item.number for item in received.ignored] == list(range(len(bad)))
    assert all(item.reason and "yesterday" not in item.reason for item in received.ignored)


@pytest.mark.parametrize("missing", ["eventType", "producer", "inputs", "schemaURL"])
def test_what_an_older_producer_leaves_out_is_no_reason_to_refuse(orders: World, missing: str) -> None:
    event = make_event(("data-platform", "orders.t"))
    del event[missing]
    assert orders.platform.receive_lineage([event]).kept == 1


def test_events_of_many_outputs_are_bounded_by_what_is_written(orders: World) -> None:
    names = ["orders", "first", "second"]
    for name in names[1:]:
        orders.product(name, columns=IDS).publish("t", ROWS)
    event = make_event(*(("data-platform", f"{name}.t") for name in names))
    with pytest.raises(BadInput, match="would be kept more than 2,000 times"):
        orders.platform.receive_lineage([event] * 667)
    assert orders.platform.receive_lineage([event] * 2).kept == 2
