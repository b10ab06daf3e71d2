from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import NotFound
from data_platform.record.catalog import outputs
from data_platform.record.store import Record
from tests.hypothesis_lanes import examples
from tests.record.given import NOON, later, output, registered

_numbers = count(1)


@pytest.fixture
def orders(record: Record) -> Record:
    with record.transaction() as conn:
        registered(conn)
    return record


def test_a_new_output_has_nothing_published(orders: Record) -> None:
    with orders.reading() as conn:
        assert outputs.find(conn, "orders", "orders_fact") == output()
        assert outputs.find(conn, "orders", "unknown") is None


def test_a_stream_output_and_one_without_schema_come_back_as_they_were(orders: Record) -> None:
    stream = output(name="events", type="stream", topic="orders.events", stored_schema=None, field_ids={}, retired=True)
    with orders.transaction() as conn:
        outputs.save(conn, stream)
        assert outputs.find(conn, "orders", "events") == stream
        assert outputs.list_by_product(conn, "orders") == (stream, output())


def test_saving_the_contract_side_never_moves_the_pointer(orders: Record) -> None:
    changed = output(field_ids={"order_id": 1, "total": 2}, last_column_id=2, inferred=True)
    with orders.transaction() as conn:
        assert outputs.swap(conn, "orders", "orders_fact", None, "1.json", 1)
        outputs.save(conn, replace(changed, version=99, metadata_location="forged.json"))
        assert outputs.find(conn, "orders", "orders_fact") == replace(changed, version=1, metadata_location="1.json")


def test_a_new_output_cannot_be_saved_as_published(orders: Record) -> None:
    with orders.transaction() as conn:
        outputs.save(conn, output(name="forged", version=7, metadata_location="forged.json"))
        assert outputs.lock(conn, "orders", "forged") == output(name="forged")


def test_locking_what_is_not_there_is_not_found(orders: Record) -> None:
    with pytest.raises(NotFound, match="orders has no output unknown"), orders.transaction() as conn:
        outputs.lock(conn, "orders", "unknown")


@settings(deadline=None, max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["now", "none", "wrong"]), st.integers(-1, 1), st.booleans()), max_size=12))
def test_the_pointer_moves_only_from_what_stands_by_one_and_with_its_transaction(
    record: Record, attempts: list[tuple[str, int, bool]]
) -> None:
    name = f"product_{next(_numbers)}"
    with record.transaction() as conn:
        registered(conn, name)
    pointer, version = None, 0
    for number, (old, skip, commit) in enumerate(attempts):
        claimed = {"now": pointer, "none": None, "wrong": "wrong.json"}[old]
        fits = claimed == pointer and skip == 0
        try:
            with record.transaction() as conn:
                new = f"{number}.json"
                assert outputs.swap(conn, name, "orders_fact", claimed, new, version + 1 + skip) == fits
                if not commit:
                    raise InterruptedError
        except InterruptedError:
            fits = False
        if fits:
            pointer, version = new, version + 1
        with record.reading() as conn:
            found = outputs.find(conn, name, "orders_fact")
        assert found is not None and (found.metadata_location, found.version) == (pointer, version)


def test_outputs_are_found_by_name_over_all_products_without_those_retired(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn, "orders", "fact", "dim")
        registered(conn, "sales", "fact")
        outputs.save(conn, output("sales", "dim", retired=True))
    with record.reading() as conn:
        assert [row.product for row in outputs.list_named(conn, "fact")] == ["orders", "sales"]
        assert [row.product for row in outputs.list_named(conn, "dim")] == ["orders"]
        assert outputs.list_named(conn, "nothing") == ()
        assert outputs.list_names(conn) == (("orders", "dim"), ("orders", "fact"), ("sales", "fact"))


def two_majors(record: Record) -> None:
    """orders.orders_fact in two majors, orders.dim in one, and returns.orders_fact as the last release wrote it."""
    with record.transaction() as conn:
        registered(conn, "orders", "dim")
        registered(conn, "returns")
        for row in (output(major=1), output(name="orders_fact@2", major=2), output(name="orders_fact@10", major=10)):
            outputs.save(conn, replace(row, output="orders_fact"))


def test_the_majors_of_an_output_stand_in_their_order_as_numbers(record: Record) -> None:
    two_majors(record)
    with record.transaction() as conn:
        outputs.retire(conn, "orders", "orders_fact", NOON)
        assert [(row.name, row.base, row.major) for row in outputs.list_majors(conn, "orders", "orders_fact")] == [
            ("orders_fact", "orders_fact", 1),
            ("orders_fact@2", "orders_fact", 2),
            ("orders_fact@10", "orders_fact", 10),
        ]
        assert [(row.base, row.major) for row in outputs.list_majors(conn, "returns", "orders_fact")] == [
            ("orders_fact", None)
        ]
        assert outputs.list_majors(conn, "orders", "orders_fact@2") == ()
        assert [row.name for row in outputs.list_named(conn, "orders_fact")] == [
            "orders_fact@10",
            "orders_fact@2",
            "orders_fact",
        ]


def test_only_later_majors_have_a_key_of_their_own(record: Record) -> None:
    two_majors(record)
    keys = {("orders", "orders_fact", 2): "orders_fact@2", ("orders", "orders_fact", 10): "orders_fact@10"}
    with record.reading() as conn:
        assert outputs.map_later_majors(conn) == keys
        assert outputs.map_first_majors(conn) == {("orders", "orders_fact"): 1}


def test_an_announced_end_may_move_but_not_since_when_it_is_announced(record: Record) -> None:
    two_majors(record)
    with record.transaction() as conn:
        outputs.deprecate(conn, "orders", "orders_fact", NOON, later(days=9))
        outputs.deprecate(conn, "orders", "orders_fact", later(days=1), later(days=5))
        first, *others = outputs.list_majors(conn, "orders", "orders_fact")
        assert (first.deprecated_at, first.ends_at, first.retired) == (NOON, later(days=5), False)
        assert not first.closed
        assert [(row.deprecated_at, row.ends_at) for row in others] == [(None, None)] * 2


def test_a_major_is_past_its_end_from_that_moment_until_it_is_retired(record: Record) -> None:
    two_majors(record)
    end = later(days=5)
    with record.transaction() as conn:
        outputs.deprecate(conn, "orders", "orders_fact@2", NOON, end)
        assert outputs.list_past_end(conn, end - timedelta(microseconds=1)) == ()
        assert [row.name for row in outputs.list_past_end(conn, end)] == ["orders_fact@2"]
        outputs.retire(conn, "orders", "orders_fact@2", later(days=6))
        assert outputs.list_past_end(conn, later(days=99)) == ()
        row = outputs.find(conn, "orders", "orders_fact@2")
    assert row is not None and row.closed
    assert (row.deprecated_at, row.ends_at) == (NOON, later(days=6))
