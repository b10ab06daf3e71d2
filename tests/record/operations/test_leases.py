from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from data_platform.record.operations import leases
from data_platform.record.store import Record
from tests.record.given import NOON, later


@pytest.fixture
def leased(record: Record) -> Record:
    with record.transaction() as conn:
        for minutes, stage in enumerate(("a", "b", "c")):
            leases.open(conn, stage, "orders", "orders_fact", "ana", later(minutes=minutes))
    return record


def test_a_lease_lives_until_it_is_released(leased: Record) -> None:
    with leased.transaction() as conn:
        assert leases.list_live(conn) == {"a", "b", "c"}
        assert leases.release(conn, "a")
        assert leases.list_live(conn) == {"b", "c"}
        assert not leases.release(conn, "a")


def test_those_whose_time_is_up_expire_once(leased: Record) -> None:
    with leased.transaction() as conn:
        assert leases.expire(conn, later(minutes=1)) == ["a", "b"]
        assert leases.expire(conn, later(minutes=1)) == []
        assert leases.list_live(conn) == {"c"}
        assert not leases.release(conn, "b")


def test_a_stage_is_leased_once(leased: Record) -> None:
    with pytest.raises(IntegrityError), leased.transaction() as conn:
        leases.open(conn, "a", "orders", "orders_fact", "bo", NOON)
