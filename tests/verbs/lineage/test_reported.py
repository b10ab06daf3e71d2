"""Lineage that other tools report: visible where people look for lineage, marked as theirs, and trusted nowhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from data_platform.errors import BadInput
from data_platform.verbs.lineage import receive
from data_platform.verbs.lineage.column_results import ColumnNode, Impact
from data_platform.verbs.results import LineageNode
from tests.meshes import IDS, ROWS, World
from tests.verbs.lineage.events import make_event

SHOP = {"namespace": "postgres://db:5432", "name": "shop.public.orders"}
LAKE = {"namespace": "s3://lake", "name": "daily"}
T = {"namespace": "data-platform", "name": "orders.t"}
REPORT = {"namespace": "data-platform", "name": "report.t"}
AT = datetime(2026, 11, 23, 6, tzinfo=UTC)


def make_run(inputs: list[dict[str, Any]], outputs: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    return make_event(**{"inputs": inputs, "outputs": outputs, "eventTime": AT.isoformat(), **members})


def with_columns(dataset: dict[str, Any], **sources: tuple[dict[str, Any], str]) -> dict[str, Any]:
    """The dataset with a column lineage facet: `column=(input, field)`."""
    masked = [{"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True}]
    fields = {
        column: {"inputFields": [{**source, "field": field, "transformations": masked}]}
        for column, (source, field) in sources.items()
    }
    return {**dataset, "facets": {"columnLineage": {"fields": fields}}}


def places(nodes: tuple[LineageNode, ...]) -> list[tuple[str, str, str | None, tuple[str, ...]]]:
    return [(node.kind, node.product, node.output, node.feeds) for node in nodes]


def touched(impact: Impact) -> list[tuple[str, str | None, int, bool, bool]]:
    return [(item.product, item.output, item.steps, item.certain, item.external) for item in impact.touched]


@pytest.fixture
def mesh(world: World) -> World:
    for name in ("orders", "report"):
        world.product(name, columns=IDS).publish("t", ROWS)
    return world


def test_an_event_shows_where_an_output_comes_from_and_goes_to(mesh: World) -> None:
    mesh.platform.receive_lineage([make_run([SHOP], [T]), make_run([T], [REPORT, LAKE])])
    graph = mesh.platform.lineage("orders")
    assert places(graph.upstream) == [("external", SHOP["namespace"], SHOP["name"], ("t",))]
    assert places(graph.downstream) == [
        ("product", "report", "t", ("t",)),
        ("external", LAKE["namespace"], "t", (LAKE["name"],)),
    ]
    for node in (*graph.upstream, *graph.downstream):
        report = node.report
        assert report is not None and not node.declared and node.version is None
        assert (report.job, report.producer) == ("airflow/orders.load", "https://github.com/apache/airflow")
        assert (report.by, report.at) == (mesh.platform.principal.name, AT)
    (node,) = mesh.platform.lineage("report", direction="upstream", depth=2).upstream
    assert (node.product, node.output, places(node.steps)) == ("orders", "t", places(graph.upstream))


def test_the_sender_is_named_and_the_same_run_again_changes_nothing(mesh: World) -> None:
    event = make_run([SHOP], [T])
    mesh.platform.receive_lineage([event, event])
    before = mesh.platform.lineage("orders")
    mesh.platform.receive_lineage([event])
    assert mesh.platform.lineage("orders") == before
    (node,) = before.upstream
    assert node.report is not None and node.report.run == event["run"]["runId"]
    assert node.report.by == mesh.platform.principal.name and not node.report.verified


def test_an_event_from_the_future_is_of_now(mesh: World) -> None:
    mesh.platform.receive_lineage([make_run([SHOP], [T], eventTime="2999-01-01T00:00:00Z")])
    (node,) = mesh.platform.lineage("orders").upstream
    assert node.report is not None and node.report.at == mesh.context.clock()


@pytest.mark.parametrize("state", ["FAIL", "ABORT"])
def test_a_run_that_failed_moved_nothing(mesh: World, state: str) -> None:
    assert mesh.platform.receive_lineage([make_run([SHOP], [T], eventType=state)]).kept == 1
    assert mesh.platform.lineage("orders").upstream == ()


def test_what_the_mesh_recorded_itself_is_not_repeated_as_a_report(mesh: World) -> None:
    mesh.product("report", columns=IDS).publish("t", mesh.platform.consume("orders", "t"))
    mesh.platform.receive_lineage([make_run([T], [REPORT])])
    (node,) = mesh.platform.lineage("orders").downstream
    assert (node.report, node.version) == (None, 1)


def test_a_table_that_a_job_rewrites_does_not_come_from_itself(mesh: World) -> None:
    folder = {"namespace": "file", "name": str(mesh.folder("orders", "t").location)}
    assert mesh.platform.receive_lineage([make_run([T], [folder])]).kept == 1
    assert mesh.platform.lineage("orders") == mesh.platform.lineage("orders", direction="both")
    assert mesh.platform.lineage("orders").upstream == mesh.platform.lineage("orders").downstream == ()


def test_no_path_of_the_disk_is_kept(mesh: World) -> None:
    folder = {"namespace": "file", "name": str(mesh.folder("orders", "t").location)}
    other = {"namespace": "file", "name": str(mesh.home / "staging" / "x")}
    mesh.platform.receive_lineage([make_run([folder, other], [REPORT]), make_run([folder], [LAKE])])
    received = [
        event for event in mesh.platform.lineage_events("orders") if event.get("job", {}).get("namespace") == "airflow"
    ]
    assert received and str(mesh.home) not in json.dumps(received)
    assert received[0]["inputs"][0] == T
    with mesh.mesh.record.reading() as conn:
        stored = conn.exec_driver_sql("SELECT * FROM reported_edges").all()
    assert stored and str(mesh.home) not in str(stored)
    assert places(mesh.platform.lineage("report").upstream)[0] == ("external", "data-platform", "staging/x", ("t",))


def test_a_change_may_reach_what_others_report(mesh: World) -> None:
    mesh.platform.receive_lineage([make_run([T], [REPORT, LAKE]), make_run([REPORT], [SHOP])])
    impact = mesh.platform.impact("orders", "id")
    assert touched(impact) == [
        ("report", "t", 1, False, False),
        (LAKE["namespace"], LAKE["name"], 1, False, True),
        (SHOP["namespace"], SHOP["name"], 2, False, True),
    ]
    assert all(item.report is not None and item.report.job == "airflow/orders.load" for item in impact.touched)


def test_a_change_of_a_column_that_a_tool_did_not_read_reaches_nothing(mesh: World) -> None:
    mesh.product("wide").publish("t", [{"a": 1, "b": 2}])
    wide = {"namespace": "data-platform", "name": "wide.t"}
    mesh.platform.receive_lineage([make_run([wide], [with_columns(LAKE, total=(wide, "a"))])])
    assert touched(mesh.platform.impact("wide", "b")) == []
    assert len(mesh.platform.impact("wide", "a").touched) == 1


def test_columns_that_a_tool_reports_are_shown_as_its_report(mesh: World) -> None:
    target = with_columns(T, id=(SHOP, "order_id"))
    mesh.platform.receive_lineage([make_run([SHOP], [target]), make_run([T], [with_columns(REPORT, id=(T, "id"))])])
    assert mesh.platform.lineage("orders").upstream[0].columns == ("order_id",)
    graph = mesh.platform.column_lineage("report", "t", "id", depth=3)
    (node,) = graph.upstream
    assert (node.product, node.column, node.transformations) == ("orders", "id", ())
    assert isinstance(node, ColumnNode) and node.report is not None
    up = mesh.platform.column_lineage("orders", "t", "id").upstream
    assert [(node.kind, node.product, node.output, node.column) for node in up] == [
        ("external", SHOP["namespace"], SHOP["name"], "order_id")
    ]


@pytest.mark.parametrize(
    "facet",
    [7, [], {"fields": 7}, {"fields": {"id": 7}}, {"fields": {"id": {"inputFields": [7, {}, {"field": 7}]}}}],
)
def test_a_facet_that_is_none_is_left_out(mesh: World, facet: Any) -> None:
    event = make_run([SHOP], [{**T, "facets": {"columnLineage": facet}}])
    assert mesh.platform.receive_lineage([event]).kept == 1
    assert mesh.platform.lineage("orders").upstream[0].columns == ()


def test_a_report_neither_gives_protection_nor_takes_it_away(world: World) -> None:
    """A tool says that it made `contact` from `email` by a mask: the mesh goes by what it knows itself."""
    people = world.product("people", more="pii_columns: [email]")
    people.publish("t", [{"id": 1, "email": "ann@example.org"}])
    source, target = ({"namespace": "data-platform", "name": f"{name}.t"} for name in ("people", "contacts"))
    masked = make_run([source], [with_columns(target, email=(source, "email"), contact=(source, "email"))])
    contacts = world.product("contacts")
    contacts.publish("t", people.consume("people", "t").select("id", "email"))
    world.platform.receive_lineage([masked])
    contacts.publish("t", people.consume("people", "t").select("id", "email"))
    (output,) = world.platform.show("contacts").outputs
    assert [column.name for column in output.columns if "pii" in column.tags] == ["email"]
    assert all(node.report is None for node in world.platform.show("contacts").lineage.upstream)


def test_the_pairs_of_one_request_are_bounded(mesh: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "_MOST_EDGES", 10)
    inputs = [{"namespace": "s3://lake", "name": f"part{number}"} for number in range(11)]
    with pytest.raises(BadInput, match="more than 10 pairs"):
        mesh.platform.receive_lineage([make_run(inputs, [T])])
    assert mesh.platform.lineage("orders").upstream == ()
