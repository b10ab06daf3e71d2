from __future__ import annotations

import json
from dataclasses import replace

import pytest

from data_platform.record.governance import judgements
from data_platform.record.governance.judgements import AuditRow
from data_platform.record.store import Record
from tests.record.given import NOON, later, registered

RESULTS = [{"rule": "no_null", "passed": False, "value": 3, "rows": [{"id": 1, "name": "NUL \x00 and é"}]}]
REFUSED = AuditRow(0, "orders", "orders_fact", None, "refused", RESULTS, "a rule timed out", NOON, "ana")


@pytest.fixture
def orders(record: Record) -> Record:
    with record.transaction() as conn:
        registered(conn, "orders", "orders_fact", "orders_daily")
    return record


def test_a_refusal_is_kept_with_its_failing_rows(orders: Record) -> None:
    with orders.transaction() as conn:
        given = judgements.add(conn, REFUSED)
    with orders.reading() as conn:
        assert judgements.list_history(conn, "orders") == (replace(REFUSED, id=given),)


def test_history_is_newest_first_and_can_be_narrowed(orders: Record) -> None:
    with orders.transaction() as conn:
        old = judgements.add(conn, REFUSED)
        same = judgements.add(conn, replace(REFUSED, version=1, outcome="passed", error=None))
        new = judgements.add(conn, replace(REFUSED, output="orders_daily", at=later(hours=1)))

        def ids(*where: object, **more: object) -> list[int]:
            return [row.id for row in judgements.list_history(conn, "orders", *where, **more)]  # type: ignore[arg-type]

        assert ids() == [new, same, old]
        assert ids("orders_fact") == [same, old]
        assert ids(since=later(minutes=1)) == [new]
        assert ids(since=NOON, limit=2) == [new, same]
        assert ids("unknown") == []


def test_numbers_that_json_lacks_are_told_by_name(orders: Record) -> None:
    strange = [{"value": float("nan"), "bounds": (float("-inf"), float("inf")), "text": "NaN", "sum": 10**30}]
    with orders.transaction() as conn:
        judgements.add(conn, replace(REFUSED, results=strange))
        (row,) = judgements.list_history(conn, "orders")
    assert row.results == [{"value": "NaN", "bounds": ["-Infinity", "Infinity"], "text": "NaN", "sum": 10**30}]


def test_a_score_is_kept_with_its_judgement_and_results_are_read_only_without_one(orders: Record) -> None:
    dimensions = {"validity": {"score": 50.0, "weight": 2, "rules": [{"rule": "a", "points": 50.0, "weight": 2}]}}
    with orders.transaction() as conn:
        judgements.add(conn, REFUSED)
        judgements.add(conn, replace(REFUSED, score=50.5, dimensions=dimensions, at=later(hours=1)))
        judgements.add(conn, replace(REFUSED, output="orders_daily", at=later(hours=2)))
        newest = judgements.list_history(conn, "orders", "orders_fact")[0]
        old, new, other = judgements.list_scores(conn, "orders", None, NOON)
        assert judgements.list_scores(conn, "orders", "orders_fact", later(minutes=1)) == (new,)
    assert (newest.score, newest.dimensions) == (50.5, dimensions)
    assert (old.score, old.results, old.outcome) == (None, audits_results(), "refused")
    assert (new.score, new.results, new.at) == (50.5, None, later(hours=1))
    assert other.output == "orders_daily"


def audits_results() -> list[dict[str, object]]:
    """RESULTS as both databases hold them."""
    return json.loads(json.dumps(RESULTS))
