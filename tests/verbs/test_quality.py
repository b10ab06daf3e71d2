"""quality: the score, the SLAs, the trend and the incidents, as time goes by."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data_platform.errors import NotFound, Refused, SchemaMismatch
from data_platform.quality import DataQualityError
from tests.meshes import IDS, NOON, ROWS, World

RULES = """\
sla: {freshness: 1 hour, availability: 99.9%}
quality_rules:
  - rule: no_negative
    sql: SELECT COUNT(*) FROM t WHERE id < 0
    threshold: 0
  - rule: many
    metric: rowCount
    mustBeGreaterThan: 2
    severity: warning"""


def test_before_anything_is_published_nothing_is_known(world: World) -> None:
    world.product(columns=IDS, output=RULES).register()
    metrics = world.platform.quality_metrics("orders")
    assert (metrics.current_score, metrics.quality_trend, metrics.incidents) == (None, (), ())
    assert [(sla.promise, sla.met) for sla in metrics.sla_compliance] == [("freshness", None), ("availability", None)]
    with pytest.raises(NotFound):
        world.platform.quality_metrics("nobody")


def test_the_score_is_of_what_one_reads(world: World) -> None:
    product = world.product(columns=IDS, output=RULES)
    product.publish("t", ROWS)
    assert world.platform.quality_metrics("orders").current_score == 100.0
    product.publish("t", ROWS[:1])
    assert world.platform.quality_metrics("orders").current_score == pytest.approx(200 / 3, abs=0.1)
    assert world.platform.show("orders").quality_score == world.platform.quality_metrics("orders").current_score


def test_freshness_is_met_until_it_is_not(world: World) -> None:
    world.product(columns=IDS, output=RULES).publish("t", ROWS)
    for minutes, met, actual in ((0, True, "0 seconds old"), (60, True, "1 hour old"), (61, False, "1 hour old")):
        world.clock.now = NOON + timedelta(minutes=minutes)
        freshness = world.platform.quality_metrics("orders").sla_compliance[0]
        assert (freshness.promise, freshness.target, freshness.met, freshness.actual) == (
            "freshness",
            "1 hour",
            met,
            actual,
        )


def test_an_incident_opens_with_a_refusal_and_ends_with_the_next_good_publish(world: World) -> None:
    product = world.product(columns=IDS, output=RULES)
    product.publish("t", ROWS)
    for _ in range(2):
        with pytest.raises(DataQualityError):
            product.publish("t", [{"id": -1}])
        world.clock.later(minutes=10)
    (incident,) = world.platform.quality_metrics("orders").incidents
    assert (incident.output, incident.opened_at, incident.resolved_at, incident.occurrences) == ("t", NOON, None, 2)
    assert "no_negative" in incident.summary
    product.publish("t", ROWS)
    (incident,) = world.platform.quality_metrics("orders").incidents
    assert incident.resolved_at == world.clock.now
    with pytest.raises(SchemaMismatch):
        product.publish("t", [{"wrong": 1}])
    newest, _ = world.platform.quality_metrics("orders").incidents
    assert newest.resolved_at is None
    assert "does not fit the contract" in newest.summary


def test_the_trend_is_of_thirty_days_a_point_a_day(world: World) -> None:
    product = world.product(columns=IDS, output=RULES)
    product.publish("t", ROWS)
    world.clock.later(days=1)
    product.publish("t", ROWS[:1])
    with pytest.raises(Refused):
        product.publish("t", [{"wrong": 1}])
    first, second = world.platform.quality_metrics("orders").quality_trend
    assert (first.day, first.score, first.publishes) == (NOON.date(), 100.0, 1)
    assert (second.publishes, second.score < 100) == (2, True)
    world.clock.later(days=29, seconds=1)
    assert [point.day for point in world.platform.quality_metrics("orders").quality_trend] == [second.day]
    world.clock.later(days=1)
    assert world.platform.quality_metrics("orders").quality_trend == ()


def test_each_rule_s_last_finding_is_shown(world: World) -> None:
    world.product(columns=IDS, output=RULES).publish("t", ROWS[:1])
    rules = world.platform.quality_metrics("orders").rules
    assert [(rule.rule, rule.severity, rule.passed, rule.value) for rule in rules] == [
        ("no_negative", "blocking", True, 0),
        ("many", "warning", False, 1),
    ]
