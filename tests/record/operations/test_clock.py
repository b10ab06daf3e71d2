"""The clock: one of several processes runs maintenance, and the claim of one that is killed ends."""

from __future__ import annotations

from datetime import timedelta

from data_platform.record.operations import clock
from data_platform.record.operations.clock import ClockState
from data_platform.record.store import Record
from tests.record.given import NOON, later

MINUTE = timedelta(minutes=1)


def claim(record: Record, holder: str, seconds: float) -> bool:
    now = later(seconds=seconds)
    with record.transaction() as tx:
        return clock.claim(tx, holder, now, MINUTE / 2, MINUTE)


def test_nobody_has_it_before_its_first_run(record: Record) -> None:
    with record.reading() as conn:
        assert clock.find_state(conn) == ClockState(None, None, None, None)


def test_one_of_several_claims_a_run_and_the_next_is_due_after_the_interval(record: Record) -> None:
    assert [claim(record, "a", 0), claim(record, "b", 1)] == [True, False]
    with record.transaction() as tx:
        clock.release(tx, "a")
    assert [claim(record, "b", 59), claim(record, "b", 60)] == [False, True]


def test_the_claim_of_a_process_that_was_killed_ends_and_a_renewed_one_does_not(record: Record) -> None:
    assert claim(record, "a", 0)
    with record.transaction() as tx:
        clock.renew(tx, "b", later(hours=1))
        clock.renew(tx, "a", later(seconds=65))
    assert [claim(record, "b", 60), claim(record, "b", 65)] == [False, True]


def test_only_its_holder_releases_a_claim(record: Record) -> None:
    assert claim(record, "a", 0)
    with record.transaction() as tx:
        clock.release(tx, "b")
    with record.reading() as conn:
        assert clock.find_state(conn).holder == "a"


def test_a_run_counts_as_recent_for_the_given_time(record: Record) -> None:
    with record.transaction() as tx:
        clock.record_run(tx, NOON)
    with record.reading() as conn:
        state = clock.find_state(conn)
    assert state.ran_at == NOON
    assert state.has_run_within(MINUTE, later(seconds=60))
    assert not state.has_run_within(MINUTE, later(seconds=61))
    assert not ClockState(None, None, None, None).has_run_within(MINUTE, NOON)
