"""quality, incidents and tick: what is wrong, for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest

from data_platform import DataProduct, DataQualityError, Platform
from data_platform.cli.console.console import PlainConsole
from data_platform.cli.views.quality import draw_quality
from data_platform.quality.score import DimensionScore, RulePoints
from data_platform.quality.sla import Budget
from data_platform.verbs.results import (
    IncidentDetail,
    IncidentInfo,
    OutputScore,
    QualityMetrics,
    RuleStatus,
    SlaCompliance,
    Ticked,
    TrendPoint,
)
from tests.cli.conftest import BAD, GOOD, Run, write_customers, write_orders

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def keys(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


@pytest.fixture
def troubled(folder: Path) -> Iterator[Path]:
    """A mesh of one's own in which orders was refused twice."""
    home = folder / ".data-platform"
    home.mkdir()
    with Platform.open(home) as platform:
        DataProduct(write_customers(folder), platform).publish("customers_dim", [{"id": 1, "email": None}])
        orders = DataProduct(write_orders(folder), platform)
        orders.publish("orders_fact", GOOD)
        for _ in range(2):
            with pytest.raises(DataQualityError):
                orders.publish("orders_fact", BAD)
    yield home


def test_incidents_are_listed_and_list_may_be_left_out(run: Run, troubled: Path) -> None:
    listed = json.loads(run("incidents", "--json").stdout)
    assert list(listed[0]) == keys(IncidentInfo)
    for words in (("list",), ("orders",), ("list", "orders"), ("--open",), ("orders", "--open", "--severity", "low")):
        assert json.loads(run("incidents", *words, "--json").stdout) == listed
    first, second = run("incidents").stdout.splitlines()
    assert first.startswith("#1    low     publish refused 2 times on orders.orders_fact, open since 20")
    assert second.strip() == "1 of 2 rules failed: no_negative_total"
    assert run("incidents", "customers").stderr == "no incident\n"
    assert run("incidents", "--severity", "high").stdout == ""


def test_incidents_are_acknowledged_commented_and_resolved(run: Run, troubled: Path) -> None:
    assert "acknowledged by ana@example.com" in run("incidents", "ack", 1, "--comment", "on it").stdout
    twice = run("incidents", "ack", 1)
    assert (twice.exit_code, "acknowledged by ana@example.com" in twice.stdout) == (0, True)
    assert json.loads(run("incidents", "comment", 1, "late\x1b[31m feed", "--json").stdout)["id"] == 1
    assert "resolved 20" in run("incidents", "resolve", 1).stdout
    assert run("incidents", "resolve", 1).exit_code == 1
    detail = json.loads(run("incidents", "show", 1, "--json").stdout)
    assert list(detail) == keys(IncidentDetail)
    told = run("incidents", "show", 1).stdout
    assert "\x1b" not in told
    assert [line.partition("UTC")[2].split(" by ")[0].strip() for line in told.splitlines() if line[:2] == "20"] == [
        "opened",
        "again",
        "acknowledged",
        "comment",
        "resolved",
    ]
    assert "Affects 0 products and 0 readers" in told


@pytest.mark.parametrize("words", [("show", 99), ("ack", 99), ("show", "x"), ("comment", 1), ("--severity", "huge")])
def test_what_is_not_there_or_cannot_be_is_bad_input(run: Run, troubled: Path, words: tuple[object, ...]) -> None:
    assert run("incidents", *words).exit_code == 2


def test_tick_says_what_it_did_and_ends_well_though_things_are_wrong(run: Run, troubled: Path) -> None:
    done = run("tick", "--json")
    assert (done.exit_code, list(json.loads(done.stdout))) == (0, keys(Ticked))
    assert run("tick").stdout == "judged 2 promises of 1 product, 0 broken\n"


@pytest.mark.parametrize(("window", "days"), [("7d", 7), ("1 day", 1), ("90days", 90)])
def test_a_window_is_a_number_of_days(run: Run, mesh: Path, window: str, days: int) -> None:
    assert json.loads(run("quality", "orders", "--window", window, "--json").stdout)["window_days"] == days


@pytest.mark.parametrize("window", ["7", "7h", "0d", "-1d", "d", "367d", "1e3d"])
def test_a_window_that_is_none(run: Run, mesh: Path, window: str) -> None:
    assert run("quality", "orders", "--window", window).exit_code == 2


def test_quality_of_one_output_explained(run: Run, mesh: Path) -> None:
    told = run("quality", "orders", "--output", "orders_fact", "--explain").stdout
    assert "score = (1 × 0 + 2 × 100) / 3 = 66.7" in told
    assert run("quality", "orders", "--output", "nothing").exit_code == 2


def drawn(**changes: object) -> list[str]:
    """The lines that quality prints of some metrics."""
    score = DimensionScore("validity", 75, 2, (RulePoints("enum", 50, 2), RulePoints("pattern", 100, 2)))
    metrics = {
        "product": "orders",
        "current_score": 75.0,
        "sla_compliance": (),
        "quality_trend": (TrendPoint(date(2026, 11, 20), 100, 2), TrendPoint(date(2026, 11, 22), 0, 1)),
        "incidents": (),
        "rules": (),
        "scores": (OutputScore("t", 4, 75, (score,), 50.0),),
        "window_days": 4,
        "first_day": date(2026, 11, 20),
        **changes,
    }
    stream = StringIO()
    draw_quality(PlainConsole(stream), QualityMetrics(**metrics))  # type: ignore[arg-type]
    return stream.getvalue().splitlines()


def test_days_without_a_publish_are_gaps() -> None:
    assert drawn()[:3] == [
        "orders  75 of 100",
        "4 days  █·▁·  2026-11-20 to 2026-11-23",
        "3 publishes judged on 2 days; · a day without one",
    ]


def test_bars_read_without_colour_and_name_what_failed() -> None:
    assert drawn()[4:7] == [
        "t version 4 scored 75",
        f"validity          75  {'█' * 15}{'░' * 5}  enum",
        f"timeliness        50  {'█' * 10}{'░' * 10}  as of now, no part of the score",
    ]


def test_marks_tell_results_from_left_to_right() -> None:
    rule = RuleStatus(
        "t",
        "enum",
        "blocking",
        False,
        None,
        "mustBe",
        0,
        "rows",
        "it stopped",
        NOON,
        "validity",
        ("passed", "failed", "error"),
    )
    header, row, note = drawn(rules=(rule,))[-3:]
    assert header.split() == ["output", "rule", "severity", "value", "demanded", "results"]
    assert row.endswith("✓✗!")
    assert note == "! enum: it stopped"


def test_promises_have_compliance_budget_and_outlook() -> None:
    budget = Budget("seconds", 36_000, 40_000, -4_000)
    sla = SlaCompliance(
        "t", "freshness", "1 hour", "2 hours old", False, 99.0, 99.999, NOON, budget, NOON, None, at_end=98.129
    )
    reads = SlaCompliance(
        "t",
        "availability",
        "99%",
        "9 of 10 reads",
        True,
        99.0,
        100.0,
        NOON,
        Budget("reads", 1, 0, 1),
    )
    _, kept, fine, outlook = drawn(sla_compliance=(sla, reads))[-4:]
    assert "freshness 1 hour" in kept
    assert "99.99% of 99%" in kept
    assert kept.endswith("exhausted, 1 h 6 min over  2026-11-23 12:00 UTC")
    assert "  1.0 reads  " in fine
    assert outlook == (
        "t freshness: stale since 2026-11-23 12:00 UTC, out of budget already, "
        "98.12% by the end of today if nothing more is published"
    )
