"""quality: the score, the SLAs, the trend and the incidents, as time goes by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from data_platform.errors import BadInput, NotFound, Refused, SchemaMismatch, StorageFailed
from data_platform.quality import DataQualityError
from data_platform.record.db.schema import AUDITS
from data_platform.record.governance import judgements
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
    for minutes, met, actual in (
        (0, True, "0 seconds old"),
        (60, True, "1 hour old"),
        (61, False, "1 hour 1 minute old"),
    ):
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


def test_the_score_is_kept_with_its_judgement_and_told_by_dimension(world: World) -> None:
    world.product(columns=IDS, output=RULES).publish("t", ROWS[:1])
    (scored,) = world.platform.quality_metrics("orders").scores
    assert (scored.output, scored.version, scored.score, scored.timeliness) == ("t", 1, 66.7, 100)
    assert [(each.dimension, each.score, each.weight) for each in scored.dimensions] == [
        ("completeness", 0, 1),
        ("accuracy", 100, 2),
    ]
    assert [(rule.rule, rule.points, rule.weight) for rule in scored.dimensions[0].rules] == [("many", 0, 1)]


def test_history_stays_when_the_rules_change(world: World) -> None:
    world.product(columns=IDS, output=RULES, more="status: draft").publish("t", ROWS[:1])
    with world.mesh.record.reading() as conn:
        (before,) = judgements.list_history(conn, "orders")
    world.clock.later(days=1)
    world.product(columns=IDS, output=RULES.partition("quality_rules")[0]).publish("t", ROWS[:1])
    with world.mesh.record.reading() as conn:
        after, kept = judgements.list_history(conn, "orders")
    assert (kept, kept.score, after.score, after.dimensions) == (before, 66.7, None, {})
    metrics = world.platform.quality_metrics("orders")
    assert [point.score for point in metrics.quality_trend] == [66.7]
    assert (metrics.current_score, metrics.scores[0].version, metrics.scores[0].score) == (None, 2, None)
    assert world.platform.show("orders").quality_score is None
    assert [hit.quality_score for hit in world.platform.search("orders")] == [None]
    assert world.platform.search("orders", min_quality=1) == []


def test_a_judgement_older_than_scores_is_scored_when_it_is_asked_for(world: World) -> None:
    world.product(columns=IDS, output=RULES).publish("t", ROWS[:1])
    with world.mesh.record.transaction() as tx:
        (row,) = judgements.list_history(tx, "orders")
        tx.execute(AUDITS.delete())
        judgements.add(tx, replace(row, score=None, dimensions=None))
    metrics = world.platform.quality_metrics("orders")
    assert (metrics.current_score, [point.score for point in metrics.quality_trend]) == (66.7, [66.7])
    assert sorted(each.dimension for each in metrics.scores[0].dimensions) == ["accuracy"]


def test_the_score_does_not_pass_with_time_and_timeliness_does(world: World) -> None:
    world.product(columns=IDS, output=RULES).publish("t", ROWS)
    world.clock.later(hours=4)
    metrics = world.platform.quality_metrics("orders")
    assert (metrics.current_score, metrics.scores[0].timeliness) == (100.0, 25.0)


def test_wrong_rows_count_by_their_share(world: World) -> None:
    product = world.product(columns=IDS, output=RULES.replace("threshold: 0", "threshold: 0\n    severity: warning"))
    product.publish("t", [{"id": -1}, *({"id": number} for number in range(3))])
    dimensions = {each.dimension: each.score for each in world.platform.quality_metrics("orders").scores[0].dimensions}
    assert dimensions == {"accuracy": 37.5, "completeness": 100.0}


def test_rules_show_their_last_ten_results_oldest_first(world: World) -> None:
    product = world.product(columns=IDS, output=RULES)
    for number in range(12):
        product.publish("t", ROWS[: 1 if number in (2, 11) else 3])
        world.clock.later(minutes=1)
    with pytest.raises(SchemaMismatch):
        product.publish("t", [{"wrong": 1}])
    many = world.platform.quality_metrics("orders").rules[1]
    assert (many.rule, many.dimension) == ("many", "completeness")
    assert many.last == ("passed",) * 8 + ("failed",), "what fitted no contract, no rule judged"


def test_compliance_over_the_window_with_its_budget_and_outlook(world: World) -> None:
    product = world.product(columns=IDS, output=RULES)
    product.publish("t", ROWS)
    world.clock.later(hours=4)
    product.publish("t", ROWS)
    world.clock.later(minutes=30)
    freshness, reads = world.platform.quality_metrics("orders", days=7).sla_compliance
    assert (freshness.since, freshness.objective) == (NOON, 99.0)
    assert freshness.compliance == pytest.approx(100 * 1.5 / 4.5, abs=0.001)
    assert freshness.stale_at == NOON + timedelta(hours=5)
    assert freshness.at_end == pytest.approx(100 * 2 / 12, abs=0.001)
    assert freshness.budget is not None
    assert freshness.budget.remaining == pytest.approx(4.5 * 3600 * 0.01 - 3 * 3600)
    assert (reads.compliance, reads.budget) == (None, None)


def test_days_are_those_of_the_declared_zone(world: World) -> None:
    output = "sla: {freshness: 1 hour, timezone: Pacific/Auckland}"
    rule = "quality_rules: [{rule: any, metric: rowCount, mustBeGreaterThan: 0}]"
    world.product(columns=IDS, output=f"{output}\n{rule}").publish("t", ROWS)
    metrics = world.platform.quality_metrics("orders", days=1)
    assert metrics.first_day == NOON.date() + timedelta(days=1), "it is past midnight there"
    assert [point.day for point in metrics.quality_trend] == [metrics.first_day]


def test_freshness_of_a_declared_column(world: World) -> None:
    columns = IDS | {"sold_at": {"type": "string", "format": "date-time"}}
    product = world.product(columns=columns, output="sla: {freshness: 1 hour, freshness_column: sold_at}")
    product.publish("t", [{"id": 1, "sold_at": "2026-11-23T09:30:00Z"}, {"id": 2, "sold_at": "2026-11-23T11:30:00Z"}])
    (freshness,) = world.platform.quality_metrics("orders").sla_compliance
    assert (freshness.met, freshness.actual, freshness.stale_at) == (
        True,
        "30 minutes old",
        NOON + timedelta(minutes=30),
    )
    world.clock.later(minutes=40)
    product.publish("t", [{"id": 1, "sold_at": "2026-11-23T11:35:00Z"}])
    (freshness,) = world.platform.quality_metrics("orders").sla_compliance
    assert (freshness.met, freshness.actual) == (False, "1 hour 5 minutes old")
    assert freshness.compliance == pytest.approx(100 * 30 / 40, abs=0.001)


def test_availability_is_measured_on_reads(world: World) -> None:
    world.product(columns=IDS, output=RULES).publish("t", ROWS)
    for _ in range(3):
        world.platform.consume("orders", "t").collect()
    (data,) = world.tables.rglob("*.parquet")
    data.rename(data.with_suffix(".gone"))
    with pytest.raises(StorageFailed):
        world.platform.consume("orders", "t").collect()
    _, reads = world.platform.quality_metrics("orders").sla_compliance
    assert (reads.compliance, reads.met, reads.actual, reads.objective) == (75.0, False, "3 of 4 reads", 99.9)


@pytest.mark.long
def test_one_output_alone(world: World) -> None:
    rule = "{rule: any, metric: rowCount, mustBeGreaterThan: 0}"
    other = f"  - {{name: other, schema: t.json, sla: {{freshness: 1 day}}, quality_rules: [{rule}]}}"
    product = world.product(columns=IDS, more=other)
    product.publish("t", ROWS)
    product.publish("other", ROWS)
    metrics = world.platform.quality_metrics("orders", "other")
    assert [each.output for each in metrics.scores] == ["other"]
    assert [each.output for each in metrics.sla_compliance] == ["other"]
    assert [point.publishes for point in metrics.quality_trend] == [1]
    assert len(world.platform.quality_metrics("orders").scores) == 2
    with pytest.raises(NotFound, match="did you mean other"):
        world.platform.quality_metrics("orders", "othe")


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_window_that_cannot_be(world: World, days: int) -> None:
    world.product(columns=IDS).register()
    with pytest.raises(BadInput, match="between 1 and 366"):
        world.platform.quality_metrics("orders", days=days)
