"""The freshness of hits is that of the promises, as the clock judges them at the same moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from data_platform.errors import BadInput
from data_platform.quality import DataQualityError
from data_platform.verbs.quality.sla_status import evaluate_slas
from tests.meshes import IDS, NOON, ROWS, World
from tests.verbs.test_statements import run_counted

DATED = {"id": {"type": "integer"}, "at": {"type": "string", "format": "date-time"}}
HOURLY = "sla: {freshness: 1 hour}"


def freshness(world: World, **filters: Any) -> dict[str, str]:
    return {hit.name: hit.freshness for hit in world.platform.search(limit=None, **filters)}


def judge_as_the_clock(world: World) -> dict[str, set[str]]:
    """What each product is by each of its promises."""
    with world.mesh.record.reading() as conn:
        status = evaluate_slas(conn, world.clock())
    late, unknown = {key[0] for key in status.broken}, {key[0] for key in status.unknown}
    measured = {product for product, count in status.measured.items() if count}
    return {"late": late, "on_time": measured - late, "unknown": unknown - measured}


def test_freshness_is_that_of_the_moment_of_the_question(world: World) -> None:
    world.product("hourly", IDS, output=HOURLY).publish("t", ROWS)
    world.product("waiting", IDS, output=HOURLY).register()
    world.product("free", IDS).publish("t", ROWS)
    states = {"free": "not_promised", "hourly": "on_time", "waiting": "unknown"}
    assert freshness(world) == states
    world.clock.later(hours=1)
    assert freshness(world) == states
    world.clock.later(seconds=1)
    assert freshness(world) == states | {"hourly": "late"}
    assert judge_as_the_clock(world) == {"late": {"hourly"}, "on_time": set(), "unknown": {"waiting"}}
    (hit,) = world.platform.search(freshness="late", facets=True)
    assert (hit.name, hit.stale_at, hit.published_at) == ("hourly", NOON + timedelta(hours=1), NOON)
    assert world.platform.search(facets=True).facets["freshness"] == {"late": 1, "not_promised": 1, "unknown": 1}
    world.product("hourly", IDS, output=HOURLY).publish("t", ROWS)
    assert freshness(world, freshness="late") == {}


def test_data_is_as_old_as_the_newest_value_of_the_promised_column(world: World) -> None:
    output = "sla: {freshness: 1 day, freshness_column: at}"
    product = world.product("dated", DATED, output=output)
    product.publish("t", [{"id": 1, "at": (NOON - timedelta(hours=20)).isoformat()}])
    assert freshness(world) == {"dated": "on_time"}
    world.clock.later(hours=5)
    assert freshness(world) == {"dated": "late"}
    product.publish("t", [{"id": 1, "at": None}])
    assert freshness(world) == {"dated": "unknown"}
    assert judge_as_the_clock(world)["unknown"] == {"dated"}


def test_a_major_that_is_no_longer_listed_keeps_its_promise(world: World) -> None:
    product = world.product("orders", IDS, output=HOURLY)
    product.publish("t", ROWS)
    text = product.file.path.read_text().replace(HOURLY, "version: 2.0.0")
    product.file.path.write_text(text)
    world.platform.register(product.file.path)
    world.clock.later(hours=2)
    assert freshness(world) == {"orders": "late"}
    assert judge_as_the_clock(world)["late"] == {"orders"}


@pytest.mark.parametrize("of", ["archive", "status"])
def test_a_product_out_of_use_promises_nothing(world: World, of: str) -> None:
    world.product("orders", IDS, output=HOURLY).publish("t", ROWS)
    world.clock.later(hours=2)
    assert freshness(world) == {"orders": "late"}
    if of == "archive":
        world.platform.archive("orders")
    else:
        world.product("orders", IDS, output=HOURLY, more="status: draft").register()
    assert freshness(world) == {"orders": "not_promised"}
    assert judge_as_the_clock(world) == {"late": set(), "on_time": set(), "unknown": set()}


def test_the_newest_are_those_that_published_last(world: World) -> None:
    for name in ("a", "b", "c"):
        world.product(name, IDS).publish("t", ROWS)
        world.clock.later(minutes=1)
    world.product("never", IDS).register()
    world.platform.consume("a", "t").count()
    assert [hit.name for hit in world.platform.search(sort="newest")] == ["c", "b", "a", "never"]
    world.product("a", IDS).publish("t", ROWS)
    assert [hit.name for hit in world.platform.search(sort="newest", limit=2)] == ["a", "c"]


@pytest.mark.parametrize("wrong", [{"freshness": "yesterday"}, {"sort": "oldest"}])
def test_a_state_or_an_order_that_does_not_exist_is_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        world.platform.search(**wrong)


def test_the_verdict_has_the_gravest_reason(world: World) -> None:
    rule = "quality_rules: [{rule: any, metric: rowCount, mustBeGreaterThan: 0}]"
    product = world.product("orders", IDS, output=f"{rule}\n{HOURLY}")
    product.register()

    def judge() -> tuple[str, str | None]:
        (hit,) = world.platform.search("orders")
        return hit.verdict, hit.reason

    assert judge() == ("unknown", "unpublished")
    product.publish("t", ROWS)
    assert judge() == ("good", None)
    with pytest.raises(DataQualityError):
        product.publish("t", [])
    assert judge()[1] == "incident"
    world.clock.later(hours=2)
    assert judge() == ("bad", "broken_promise")
    product.publish("t", ROWS)
    assert judge() == ("good", None)
    world.platform.archive("orders")
    assert judge() == ("caution", "archived")
    world.platform.archive("orders", undo=True)
    assert judge() == ("good", None)


def test_a_search_takes_as_many_statements_for_many_hits_as_for_one(world: World) -> None:
    for number in range(5):
        world.product(f"p{number}", IDS, output=HOURLY).publish("t", ROWS)
    world.clock.later(hours=2)
    world.platform.tick()
    world.platform.search()
    one = run_counted(world, lambda: world.platform.search("p1"))
    many = run_counted(world, lambda: world.platform.search(facets=True, sort="newest"))
    assert len(many) == len(one) <= 9, "\n".join(many)
