"""A product under another name: all that is known of it stays, and its old name leads there for good."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data_platform.errors import AccessDenied, BadInput, NotFound, Refused, StorageFailed
from data_platform.quality import DataQualityError
from data_platform.record.audit_log.trail import check_trail, find_broken_trails
from data_platform.record.governance import judgements
from tests.meshes import IDS, FilledMeshes, World

PII = {"id": {"type": "integer"}, "email": {"type": "string", "tags": ["pii"]}}
PEOPLE = [{"id": 1, "email": "a@x"}, {"id": 2, "email": "b@x"}]
READS = "inputs:\n  - data_product: {}\n    output: t\n"


@pytest.fixture
def orders(tmp_path: Path, filled_meshes: FilledMeshes) -> Iterator[World]:
    with filled_meshes.open_copy(fill, tmp_path) as (world, _):
        yield world


def fill(world: World) -> None:
    """orders with personal data in version 1, and `report`, which reads it; ana@x asks."""
    world.become("ana@x")
    world.product("orders", PII).publish("t", PEOPLE)
    report = world.product("report", IDS, more=READS.format("orders"), owner="bea@x")
    report.register()
    report.publish("t", world.platform.consume("orders", "t").select("id"))
    world.platform.subscribe("orders")
    world.clock.later(hours=1)


def told(mesh: World) -> list[str]:
    """What whoever asks hears of old names, from now on."""
    heard: list[str] = []
    mesh.platform.enter("python", lambda redirect: heard.append(f"{redirect.name} → {redirect.product}"))
    return heard


def test_everything_known_is_found_under_both_names(orders: World) -> None:
    files = orders.files()
    quality = orders.platform.quality_metrics("orders")
    renamed = orders.platform.rename("orders", "sales")
    assert (renamed.product, renamed.formerly, renamed.revision, renamed.former) == ("sales", "orders", 2, ("orders",))
    assert orders.files() == files
    heard = told(orders)
    for name in ("sales", "orders"):
        assert orders.platform.show(name).name == "sales"
        assert orders.numbers(name) == [1]
        assert orders.ids(name) == orders.ids(name, 1) == [1, 2]
        assert orders.platform.consume(name, "t@1", mask=False).collect()[0]["email"] == "a@x"
        assert orders.platform.quality_metrics(name).current_score == quality.current_score
        assert orders.platform.sql(f'SELECT count(*) AS n FROM "{name}".t').collect()[0]["n"] == 2
        edges = json.dumps([str(each) for each in orders.platform.lineage(name).downstream])
        assert "report" in edges
        assert orders.platform.checklist(name).product == "sales"
    assert set(heard) == {"orders → sales"}
    assert [each.product for each in orders.platform.subscriptions()] == ["sales"]
    news = orders.platform.changes()
    assert [(each.product, each.changes) for each in news] == [("sales", ("renamed from orders to sales",))]


def test_what_is_published_next_has_the_next_number_and_reads_with_the_same_keys(orders: World) -> None:
    orders.platform.rename("orders", "sales")
    assert orders.product("sales", PII).publish("t", [*PEOPLE, {"id": 3, "email": "c@x"}]).version == 2
    assert orders.ids("orders") == [1, 2, 3]
    for version in (1, 2):
        rows = orders.platform.consume("sales", "t", version=version, mask=False).collect()
        assert rows[0]["email"] == "a@x"
    assert sorted(path.name for path in orders.tables.iterdir()) == ["orders", "report"]
    orders.clock.later(days=2)
    assert orders.platform.collect().files == 0
    assert orders.ids("sales", 1) == [1, 2]


def test_the_old_name_is_nobody_elses_and_no_file_may_have_it(orders: World) -> None:
    orders.platform.rename("orders", "sales")
    for act in (
        lambda: orders.product("orders", PII).register(),
        lambda: orders.product("orders", PII).publish("t", PEOPLE),
        lambda: orders.product("orders", IDS, owner="eve@x").register(),
    ):
        with pytest.raises(Refused, match="the name orders leads to sales since 2026-11-23") as refusal:
            act()
        assert "name: sales" in str(refusal.value.hint)
    orders.become("bea@x")
    with pytest.raises(Refused, match="orders leads to sales"):
        orders.platform.rename("report", "orders")
    assert orders.numbers("sales") == [1]


def test_names_lead_to_the_last_one_and_a_former_own_name_may_come_back(orders: World) -> None:
    for name in ("sales", "receipts", "orders", "bills"):
        orders.platform.rename("orders" if name != "orders" else "sales", name)
        assert {orders.platform.show(each).name for each in ("orders", name)} == {name}
    assert orders.ids("sales") == orders.ids("receipts") == orders.ids("bills") == [1, 2]
    assert orders.product("bills", PII).publish("t", PEOPLE).version == 2
    assert orders.platform.consume("bills", "t", mask=False).collect()[0]["email"] == "a@x"
    assert sorted(path.name for path in orders.tables.iterdir()) == ["orders", "report"]


@pytest.mark.long
def test_who_declares_the_old_name_reads_on_and_is_told(orders: World) -> None:
    orders.platform.rename("orders", "sales")
    orders.become("bea@x")
    report = orders.product("report", IDS, more=READS.format("orders"), owner="bea@x")
    done = report.register()
    assert done.changes == ()
    assert any("`orders` is `sales` since 2026-11-23; write that name" in each for each in done.warnings)
    assert report.publish("t", orders.platform.consume("orders", "t").select("id")).version == 2
    moved = orders.product("report", IDS, more=READS.format("sales"), owner="bea@x")
    assert "readers" not in str(moved.register().warnings)
    with pytest.raises(Refused, match="report"):
        orders.platform.retire_product("sales")


def test_a_change_is_still_judged_by_who_really_read(orders: World) -> None:
    orders.platform.rename("orders", "sales")
    with pytest.raises(Refused, match="id"):
        orders.product("sales", {"email": PII["email"]}).register()


def test_only_the_owner_renames_and_only_to_what_is_free(orders: World) -> None:
    for name, problem in (("orders", "its name already"), ("No Name", "is no name")):
        with pytest.raises(BadInput, match=problem):
            orders.platform.rename("orders", name)
    with pytest.raises(Refused, match="report is a product of bea@x"):
        orders.platform.rename("orders", "report")
    with pytest.raises(NotFound):
        orders.platform.rename("nothing", "sales")
    orders.become("eve@x")
    with pytest.raises(AccessDenied, match="eve@x may not rename orders: it belongs to ana@x"):
        orders.platform.rename("orders", "sales")
    assert orders.platform.show("orders").name == "orders"


def test_the_log_tells_it_and_the_trail_stays_whole(orders: World) -> None:
    orders.platform.rename("orders", "sales")
    acts = [(each.act, each.subject) for each in orders.platform.audit_log("orders")]
    assert ("rename", "sales") in acts
    assert ("publish", "orders.t") in acts
    with orders.mesh.record.reading() as conn:
        assert check_trail(conn, "sales").ok
        assert find_broken_trails(conn) == {}
    assert orders.platform.verify_audit().ok


def test_search_finds_the_new_name(orders: World) -> None:
    assert [hit.name for hit in orders.platform.search("orders")] == ["orders"]
    orders.platform.rename("orders", "sales")
    assert [hit.name for hit in orders.platform.search("sales")][:1] == ["sales"]
    assert "orders" not in [hit.name for hit in orders.platform.search("orders")]


def test_openlineage_hears_of_it_as_the_standard_says(orders: World) -> None:
    orders.platform.rename("orders", "sales")
    (event,) = [
        each
        for each in orders.platform.lineage_events("sales")
        if each.get("dataset", {}).get("facets", {}).get("lifecycleStateChange", {}).get("lifecycleStateChange")
        == "RENAME"
    ]
    facets: dict[str, Any] = event["dataset"]["facets"]
    before = {"namespace": "data-platform", "name": "orders.t"}
    assert facets["lifecycleStateChange"]["previousIdentifier"] == before
    assert facets["symlinks"]["identifiers"][0]["name"] == "sales.t"
    assert event["dataset"]["name"] == str(orders.tables / "orders" / "t")


def test_a_publish_under_way_is_refused_clearly(orders: World) -> None:
    def watch(step: str, rows: int) -> None:
        if step == "audited" and not renamed:
            renamed.append(orders.platform.rename("orders", "sales").product)

    renamed: list[str] = []
    with pytest.raises(StorageFailed, match="orders was renamed to sales during the publish"):
        orders.product("orders", PII).publish("t", PEOPLE, watch=watch)
    assert orders.numbers("sales") == [1]
    assert orders.product("sales", PII).publish("t", PEOPLE).version == 2


@pytest.mark.parametrize("step", ["leased", "staged", "audited"])
def test_a_refusal_of_a_publish_under_way_is_recorded_under_the_new_name(orders: World, step: str) -> None:
    rule = "quality_rules: [{rule: few, sql: SELECT COUNT(*) FROM t, threshold: 1}]"
    former = orders.product("orders", PII, output=rule)
    former.register()

    def watch(reached: str, rows: int) -> None:
        if reached == step and not renamed:
            renamed.append(orders.platform.rename("orders", "sales").product)

    renamed: list[str] = []
    with pytest.raises(DataQualityError):
        former.publish("t", PEOPLE, watch=watch)
    assert orders.numbers("sales") == [1]
    with orders.mesh.record.reading() as conn:
        assert [row.outcome for row in judgements.list_history(conn, "sales", "t")].count("refused") == 1
        assert find_broken_trails(conn) == {}
    assert [incident.product for incident in orders.platform.incidents("sales")] == ["sales"]
