from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from data_platform.record.catalog import domains
from data_platform.record.catalog.domains import Domain
from data_platform.record.operations import quotas
from data_platform.record.store import Record

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOON = NOON + timedelta(seconds=30)


def test_a_domain_has_so_many_slots_and_those_of_the_dead_run_out(record: Record) -> None:
    with record.transaction() as tx:
        assert quotas.take_slot(tx, "one", "sales", 2, NOON, SOON)
        assert quotas.take_slot(tx, "two", "sales", 2, NOON, SOON)
        assert not quotas.take_slot(tx, "three", "sales", 2, NOON, SOON)
        assert quotas.take_slot(tx, "other", "crm", 1, NOON, SOON)
        assert quotas.count_publishes(tx, ["sales", "crm"], NOON) == {"sales": 2, "crm": 1}
        quotas.release_slot(tx, "one")
        quotas.renew_slot(tx, "two", SOON + timedelta(seconds=30))
        assert quotas.count_publishes(tx, ["sales", "crm"], SOON) == {"sales": 1}
        quotas.remove_past(tx, SOON)
        assert quotas.count_publishes(tx, ["sales", "crm"], NOON) == {"sales": 1}


def test_publishes_that_begin_at_once_take_no_more_slots_than_there_are(record: Record) -> None:
    with record.transaction() as tx:
        domains.save(tx, Domain("sales", None, None, (), NOON))

    def take(number: int) -> bool:
        with record.transaction() as tx:
            return quotas.take_slot(tx, f"publish {number}", "sales", 2, NOON, SOON)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 2


def test_the_seconds_of_an_hour_are_summed_and_older_ones_are_forgotten(record: Record) -> None:
    with record.transaction() as tx:
        quotas.add_query_seconds(tx, ["sales", "crm"], NOON, 1.5)
        quotas.add_query_seconds(tx, ["sales"], NOON + timedelta(seconds=59), 2.0)
        quotas.add_query_seconds(tx, ["sales"], NOON + timedelta(minutes=30), 4.0)
        later = NOON + timedelta(minutes=59)
        assert quotas.sum_query_seconds(tx, ["sales", "crm"], later) == {"sales": (7.5, NOON), "crm": (1.5, NOON)}
        assert quotas.sum_query_seconds(tx, ["sales", "crm"], NOON + timedelta(hours=1)) == {
            "sales": (4.0, NOON + timedelta(minutes=30))
        }
        quotas.remove_past(tx, NOON + timedelta(hours=2))
        assert quotas.sum_query_seconds(tx, ["sales"], later) == {}
