from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.record.operations import idempotency
from data_platform.record.operations.idempotency import ANSWERED, COMMITTED, KeyRow
from data_platform.record.store import Record

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROW = KeyRow("ana", "key", "Publish", "digest", "one", NOON + timedelta(seconds=30), NOON + timedelta(hours=24))
TWO = replace(ROW, holder="two")
_numbers = count(1)


def test_a_key_is_claimed_once_by_each_principal(record: Record) -> None:
    with record.transaction() as tx:
        assert idempotency.claim(tx, ROW)
        assert not idempotency.claim(tx, TWO)
        assert idempotency.claim(tx, replace(TWO, principal="ben"))
        assert idempotency.find(tx, "ana", "key") == ROW


def test_an_act_is_committed_by_the_holder_alone_and_then_answered(record: Record) -> None:
    with record.transaction() as tx:
        idempotency.claim(tx, ROW)
        assert not idempotency.commit(tx, "two", 7, None, None)
        assert idempotency.commit(tx, "one", 7, {"answer": 1}, "data")
        assert idempotency.commit(tx, "one", 8, None, "data")
        assert not idempotency.release(tx, "one")
        committed = replace(ROW, state=COMMITTED, entry=7, answer={"answer": 1}, data_digest="data")
        assert idempotency.find(tx, "ana", "key") == committed
        assert idempotency.finish(tx, "one", {"answer": 2}, "data")
        assert idempotency.find(tx, "ana", "key") == replace(committed, state=ANSWERED, answer={"answer": 2})


def test_a_holder_whose_key_was_taken_over_commits_nothing(record: Record) -> None:
    with record.transaction() as tx:
        idempotency.claim(tx, ROW)
        assert idempotency.take_over(tx, ROW, TWO)
        assert not idempotency.take_over(tx, ROW, replace(ROW, holder="three"))
        assert not idempotency.commit(tx, "one", 7, None, None)
        assert not idempotency.finish(tx, "one", None, None)
        assert not idempotency.release(tx, "one")
        assert idempotency.find(tx, "ana", "key") == TWO


def test_a_renewed_claim_is_not_free(record: Record) -> None:
    with record.transaction() as tx:
        idempotency.claim(tx, ROW)
        idempotency.renew(tx, "one", NOON + timedelta(seconds=60))
        found = idempotency.find(tx, "ana", "key")
        assert found is not None
        assert not found.is_free(NOON + timedelta(seconds=59))
        assert found.is_free(NOON + timedelta(seconds=60))
        assert not idempotency.take_over(tx, ROW, TWO)


def test_expired_keys_are_removed_and_those_at_work_are_not(record: Record) -> None:
    later = NOON + timedelta(hours=25)
    with record.transaction() as tx:
        idempotency.claim(tx, ROW)
        idempotency.claim(tx, replace(TWO, key="at work", claimed_until=later + timedelta(seconds=1)))
        assert idempotency.remove_expired(tx, NOON) == 0
        assert idempotency.remove_expired(tx, later) == 1
        assert idempotency.find(tx, "ana", "key") is None


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """A record that the examples of a property share."""
    with Record.open(f"sqlite:///{tmp_path_factory.mktemp('shared')}/record.db") as opened:
        yield opened


_STEPS = st.tuples(st.integers(0, 2), st.sampled_from(["claim", "commit", "finish", "release", "renew", "wait"]))


@given(st.lists(_STEPS, max_size=25))
def test_whatever_the_interleaving_one_act_is_committed(shared: Record, steps: list[tuple[int, str]]) -> None:
    number, now, committed = next(_numbers), NOON, set[str]()
    with shared.transaction() as tx:
        for worker, step in steps:
            holder = f"{number}-{worker}"
            row = replace(ROW, key=str(number), holder=holder, claimed_until=now + timedelta(seconds=30))
            if step == "claim":
                earlier = idempotency.find(tx, row.principal, row.key)
                if earlier is None:
                    idempotency.claim(tx, row)
                elif earlier.is_free(now):
                    idempotency.take_over(tx, earlier, row)
            elif (step == "commit" and idempotency.commit(tx, holder, 1, None, None)) or (
                step == "finish" and idempotency.finish(tx, holder, 1, None)
            ):
                committed.add(holder)
            elif step == "release":
                idempotency.release(tx, holder)
            elif step == "renew":
                idempotency.renew(tx, holder, now + timedelta(seconds=30))
            elif step == "wait":
                now += timedelta(seconds=20)
    assert len(committed) <= 1
