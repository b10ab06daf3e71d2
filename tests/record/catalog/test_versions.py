from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from data_platform.record.catalog import outputs, versions
from data_platform.record.store import Record
from tests.record.given import NOON, later, published, registered, version


@pytest.fixture
def orders(record: Record) -> Record:
    with record.transaction() as conn:
        registered(conn, "orders", "orders_fact", "orders_daily")
    return record


def test_a_version_comes_back_exactly(orders: Record) -> None:
    with orders.transaction() as conn:
        row = published(conn, 1)
    with orders.reading() as conn:
        assert versions.find(conn, "orders", "orders_fact", 1) == row == version(1)
        assert versions.find(conn, "orders", "orders_fact", 2) is None
        assert versions.find_latest(conn, "orders", "orders_daily") is None


def test_history_is_newest_first_for_one_output_and_for_all(orders: Record) -> None:
    with orders.transaction() as conn:
        facts = [published(conn, number) for number in (1, 2, 3)]
        daily = published(conn, 1, output="orders_daily")
        assert versions.list_history(conn, "orders", "orders_fact") == tuple(reversed(facts))
        assert versions.list_history(conn, "orders") == (facts[2], facts[1], daily, facts[0])
        assert versions.find_latest(conn, "orders", "orders_fact") == facts[2]


def test_as_of_is_the_version_that_was_current_then(orders: Record) -> None:
    with orders.transaction() as conn:
        first, second = published(conn, 1), published(conn, 2)
        a_moment = timedelta(microseconds=1)
        at = {moment: versions.find_as_of(conn, "orders", "orders_fact", moment) for moment in (
            NOON,
            first.published_at - a_moment,
            first.published_at,
            second.published_at - a_moment,
            second.published_at,
            later(days=365),
        )}  # fmt: skip
    assert list(at.values()) == [None, None, first, first, second, second]


def test_a_version_is_recorded_once_and_a_stage_used_once(orders: Record) -> None:
    with orders.transaction() as conn:
        published(conn, 1)
    with pytest.raises(IntegrityError), orders.transaction() as conn:
        versions.add(conn, version(1, stage_id="other"))
    with pytest.raises(IntegrityError), orders.transaction() as conn:
        versions.add(conn, version(2, stage_id=version(1).stage_id))


def test_gc_learns_every_stage_and_metadata_file_that_is_named(orders: Record) -> None:
    with orders.transaction() as conn:
        rows = [published(conn, 1), published(conn, 2), published(conn, 1, output="orders_daily")]
        now = outputs.lock(conn, "orders", "orders_daily")
        outputs.swap(conn, "orders", "orders_daily", now.metadata_location, "pointer-only.json", 2)
        assert versions.list_stage_ids(conn) == {row.stage_id for row in rows}
        named = {name for row in rows for name in (row.metadata_location, row.manifest_list)}
        assert versions.list_metadata_names(conn) == named | {"pointer-only.json"}
