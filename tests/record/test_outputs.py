from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import NotFound
from data_platform.record import outputs
from data_platform.record.store import Record
from tests.record.given import output, registered

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
    stream = output(name="events", type="stream", topic="orders.events", schema=None, field_ids={}, retired=True)
    with orders.transaction() as conn:
        outputs.save(conn, stream)
        assert outputs.find(conn, "orders", "events") == stream
        assert outputs.of_product(conn, "orders") == (stream, output())


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


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        assert [row.product for row in outputs.named(conn, "fact")] == ["orders", "sales"]
        assert [row.product for row in outputs.named(conn, "dim")] == ["orders"]
        assert outputs.named(conn, "nothing") == ()
        assert outputs.names(conn) == (("orders", "dim"), ("orders", "fact"), ("sales", "fact"))
