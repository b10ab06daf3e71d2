from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from data_platform.record.operations import runs
from data_platform.record.operations.runs import RunRow
from data_platform.record.store import Record
from tests.record.given import NOON, later

EVER = NOON - timedelta(days=365)
"""A cutoff before all heartbeats: no run is overdue."""


def run(id: str, started_at: datetime = NOON, scheduled_for: datetime | None = None, attempt: int = 1) -> RunRow:
    moments = {"started_at": started_at, "heartbeat_at": started_at, "scheduled_for": scheduled_for}
    return RunRow(id, "orders", "t", "running", attempt, by="ana", verified=False, door="cli", host="h", **moments)


def test_an_attempt_of_a_scheduled_time_is_claimed_once(record: Record) -> None:
    with record.transaction() as conn:
        assert runs.start(conn, run("a", scheduled_for=NOON))
        assert not runs.start(conn, run("b", scheduled_for=NOON))
        assert runs.start(conn, run("c", scheduled_for=NOON, attempt=2))
        assert runs.start(conn, run("d", scheduled_for=later(hours=1)))
        assert runs.find(conn, "b", EVER) is None
        last = runs.find_last_attempt(conn, "orders", "t", NOON, EVER)
        assert last is not None
        assert (last.id, last.attempt) == ("c", 2)


def test_of_those_who_claim_an_attempt_at_once_one_gets_it(record: Record) -> None:
    together = Barrier(4)

    def claim(id: str) -> bool:
        together.wait(20)
        with record.transaction() as conn:
            return runs.start(conn, run(id, scheduled_for=NOON))

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(claim, "abcd")) == [False, False, False, True]


def test_runs_without_a_schedule_are_free(record: Record) -> None:
    with record.transaction() as conn:
        assert runs.start(conn, run("a"))
        assert runs.start(conn, run("b"))
        assert [row.id for row in runs.list_history(conn, EVER)] == ["a", "b"]


def test_a_row_reads_as_it_was_written(record: Record) -> None:
    row = run("a", scheduled_for=later(hours=-1))
    with record.transaction() as conn:
        runs.start(conn, row)
        assert runs.find(conn, "a", EVER) == row
        assert runs.find_log(conn, "a") is None
        assert runs.finish(conn, "a", "failed", later(minutes=1), "ValueError", "pipeline.py:3", "the log")
        ended = replace(row, state="failed", finished_at=later(minutes=1))
        assert runs.find(conn, "a", EVER) == replace(ended, error_kind="ValueError", error="pipeline.py:3")
        assert runs.find_log(conn, "a") == "the log"


def test_a_run_that_is_over_takes_no_report(record: Record) -> None:
    with record.transaction() as conn:
        runs.start(conn, run("a"))
        assert runs.begin_publish(conn, "a", NOON)
        assert not runs.begin_publish(conn, "a", NOON)
        assert runs.record_version(conn, "a", "t@2", 7)
        assert runs.finish(conn, "a", "succeeded", NOON, None, None, "")
        assert not runs.record_heartbeat(conn, "a", NOON)
        assert not runs.record_version(conn, "a", "t", 8)
        assert not runs.finish(conn, "a", "failed", NOON, None, None, "")
        row = runs.find(conn, "a", later(days=1))
        assert row is not None
        assert (row.state, row.output, row.version) == ("succeeded", "t@2", 7)


@pytest.fixture
def silent(record: Record) -> Record:
    """Runs of which one was heard from, one was not, and one was not after it had published."""
    with record.transaction() as conn:
        for id in ("alive", "silent", "published"):
            runs.start(conn, run(id))
        runs.record_version(conn, "published", "t", 1)
        runs.record_heartbeat(conn, "alive", later(minutes=2))
    return record


def test_an_overdue_run_is_lost_unless_it_has_published(silent: Record) -> None:
    cutoff = later(minutes=1)
    with silent.reading() as conn:
        states = {row.id: row.state for row in runs.list_history(conn, cutoff)}
        assert states == {"alive": "running", "silent": "lost", "published": "succeeded"}
        for id, state in states.items():
            assert [row.id for row in runs.list_history(conn, cutoff, state=state)] == [id]
        assert {row.state for row in runs.list_history(conn, NOON)} == {"running"}


def test_a_late_heartbeat_revives_an_overdue_run(silent: Record) -> None:
    with silent.transaction() as conn:
        assert runs.record_heartbeat(conn, "silent", later(minutes=3))
        assert runs.settle_overdue(conn, later(minutes=1), later(minutes=3))[0].id == "published"
        row = runs.find(conn, "silent", later(minutes=1))
        assert row is not None
        assert row.state == "running"


def test_the_end_of_overdue_runs_is_recorded_once_and_for_good(silent: Record) -> None:
    cutoff = later(minutes=1)
    with silent.transaction() as conn:
        settled = runs.settle_overdue(conn, cutoff, later(minutes=3))
        assert [(row.id, row.state, row.finished_at) for row in settled] == [
            ("published", "succeeded", later(minutes=3)),
            ("silent", "lost", later(minutes=3)),
        ]
        assert runs.settle_overdue(conn, cutoff, later(minutes=4)) == ()
        assert not runs.record_heartbeat(conn, "silent", later(minutes=4))
        assert not runs.record_version(conn, "silent", "t", 2)
        assert not runs.begin_publish(conn, "silent", later(minutes=4))


def test_the_newest_runs_come_first_and_can_be_chosen(record: Record) -> None:
    with record.transaction() as conn:
        for hour, id in enumerate("abc"):
            runs.start(conn, run(id, later(hours=hour)))
        runs.start(conn, replace(run("d", later(hours=9)), product="customers", output="x"))
        assert [row.id for row in runs.list_history(conn, EVER)] == ["d", "c", "b", "a"]
        assert [row.id for row in runs.list_history(conn, EVER, "orders", limit=2)] == ["c", "b"]
        assert [row.id for row in runs.list_history(conn, EVER, "orders", ["t@2"])] == []
        assert [row.id for row in runs.list_history(conn, EVER, "customers", ["x"])] == ["d"]
