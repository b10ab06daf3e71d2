"""The checklist's facts come from the record, and move with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data_platform.errors import NotFound
from data_platform.settings import ChannelSettings, Template
from data_platform.verbs.results import Readiness
from tests.meshes import NOON, ROWS, World
from tests.verbs.core.test_readers import add_grant

COLUMNS = {
    "id": {"type": "integer", "description": "which"},
    "phone": {"type": "string", "description": "whom to call"},
}
SLA = "sla: {freshness: 1 hour, availability: 99%}\nprimary_key: id"
MORE = "description: Orders\nversion: 1.0.0\ntags: [money]\noncall: [ana@x]\nalerts: ['#orders']"
FROM = "inputs:\n  - {data_product: customers, output: t}"


def missed(found: Readiness) -> set[str]:
    return {point.key for point in (*found.points, *found.anti_patterns) if not point.met}


def declare_tested_channel(world: World) -> None:
    channel = ChannelSettings("#orders", Template("json://example.org", "#orders"))
    world.mesh.settings = replace(world.mesh.settings, channels={"#orders": channel})
    world.platform.send_test_alert("#orders", {"channel:#orders": lambda message: None})


def test_what_is_registered_is_measured(world: World) -> None:
    world.product("orders", {"id": {"type": "integer"}}).register()
    found = world.platform.checklist("orders")
    assert missed(found) == {
        *("definition", "slas", "rules", "documented", "access", "lineage", "monitoring", "oncall"),
        *("measurable", "discoverable", "governed"),
    }
    assert (found.met, found.ready, found.status, found.domain) == (1, False, "active", "sales")


def test_points_are_met_one_by_one(world: World) -> None:
    world.product("customers", {"id": {"type": "integer"}}).publish("t", ROWS)
    product = world.product("orders", COLUMNS, output=SLA, more=f"{MORE}\n{FROM}")
    product.publish("t", [{"id": 1, "phone": "1"}])
    assert missed(world.platform.checklist("orders")) == {"pii", "access", "lineage", "governed", "monitoring"}
    world.platform.tick()
    assert "monitoring" in missed(world.platform.checklist("orders")), "no channel took a test message"
    declare_tested_channel(world)
    assert missed(world.platform.checklist("orders")) == {"pii", "access", "lineage", "governed"}
    tagged = world.product("orders", COLUMNS, output=SLA, more=f"{MORE}\npii_columns: [phone]\n{FROM}")
    tagged.publish("t", [{"id": 1, "phone": "1"}], lineage=["customers.t"])
    assert missed(world.platform.checklist("orders")) == {"access", "governed"}


def test_a_broken_promise_without_an_incident_says_that_nobody_runs_tick(world: World) -> None:
    declare_tested_channel(world)
    world.product("orders", COLUMNS, output=SLA, more=MORE).publish("t", [{"id": 1, "phone": "1"}])
    world.clock.later(hours=2)
    assert "monitoring" in missed(world.platform.checklist("orders"))
    world.platform.tick()
    assert "monitoring" not in missed(world.platform.checklist("orders"))
    world.clock.later(minutes=6)
    assert "monitoring" in missed(world.platform.checklist("orders")), "the clock is late"


def test_an_inferred_schema_counts_once_data_has_shown_it(world: World) -> None:
    product = world.product("orders")
    product.register()
    assert "definition" in {p.key for p in world.platform.checklist("orders").points if "schema of t" in p.measured}
    product.publish("t", ROWS)
    definition, *_ = world.platform.checklist("orders").points
    assert definition.measured == "missing: description, version"


def test_the_mesh_is_scored_by_domain(world: World) -> None:
    assert world.platform.readiness() == []
    world.product("orders", COLUMNS, output=SLA, more=f"{MORE}\npii_columns: [phone]").register()
    world.product("customers", {"id": {"type": "integer"}}).register()
    (sales,) = world.platform.readiness()
    assert (sales.domain, sales.products, sales.ready) == ("sales", 2, 0)
    of_both = [world.platform.checklist(name) for name in ("orders", "customers")]
    assert sum(sales.missing.values()) == sum(len(missed(each)) for each in of_both)
    assert sales.score == round(100 * (26 - sum(sales.missing.values())) / 26, 1)


def test_an_unknown_product_has_no_checklist(world: World) -> None:
    with pytest.raises(NotFound, match="no product orders"):
        world.platform.checklist("orders")


def test_visibility_and_a_grant_without_an_end_are_measured(world: World) -> None:
    world.product("orders", {"id": {"type": "integer"}}, more="access: {visibility: restricted}").register()
    assert "access" not in missed(world.platform.checklist("orders"))
    add_grant(world, ends_at=None, review_at=NOON)
    assert "access" not in missed(world.platform.checklist("orders"))
    add_grant(world, id="g2", ends_at=None)
    (point,) = [point for point in world.platform.checklist("orders").points if point.key == "access"]
    assert "grants without an end or a review: g2" in point.measured


def test_monitoring_needs_a_channel_that_took_a_test_a_measured_promise_and_a_clock_that_ran(world: World) -> None:
    """The checklist's "Monitoring dashboards", each condition on its own."""
    unpublished = "oncall: [ana@x]\nalerts: ['#orders']"
    product = world.product("orders", COLUMNS, output="sla: {freshness: 1 hour}", more=unpublished)
    product.register()
    declare_tested_channel(world)
    world.platform.tick()
    assert "monitoring" in missed(world.platform.checklist("orders")), "no promise is measured"
    product.publish("t", [{"id": 1, "phone": "1"}])
    assert "monitoring" not in missed(world.platform.checklist("orders"))
    world.clock.later(minutes=6)
    assert "monitoring" in missed(world.platform.checklist("orders")), "the clock is late"
    world.platform.tick()
    assert "monitoring" not in missed(world.platform.checklist("orders"))
    world.product("orders", COLUMNS, output="sla: {freshness: 1 hour}").register()
    assert "monitoring" in missed(world.platform.checklist("orders")), "no channel hears of it"
    world.product("bare", COLUMNS, more=unpublished).publish("t", [{"id": 1, "phone": "1"}])
    assert "monitoring" in missed(world.platform.checklist("bare")), "nothing is promised"
