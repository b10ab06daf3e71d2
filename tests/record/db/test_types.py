from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError

from data_platform.record.catalog import domains, products
from data_platform.record.catalog.domains import Domain
from data_platform.record.db import types
from data_platform.record.db.schema import DOMAINS, ENDED_LEASES, LEASES, PRODUCTS
from data_platform.record.db.stored_json import StoredContract
from data_platform.record.operations import leases
from data_platform.record.store import Record
from tests.hypothesis_lanes import examples
from tests.record.given import NOON, contract, product

_ROUNDS = settings(
    deadline=None, max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=_ZONES)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@_ROUNDS
@given(moment=_MOMENTS)
def test_moments_come_back_in_utc_exact_to_the_microsecond(record: Record, moment: datetime) -> None:
    with record.transaction() as conn:
        conn.execute(DOMAINS.delete())
        domains.save(conn, Domain("a", None, None, (), moment))
        (found,) = domains.list_all(conn)
    assert found.created_at == moment
    assert found.created_at.tzinfo is UTC


@_ROUNDS
@given(ends=st.lists(_MOMENTS, max_size=6), now=_MOMENTS)
def test_moments_compare_in_the_database_as_they_do_in_python(
    record: Record, ends: list[datetime], now: datetime
) -> None:
    with record.transaction() as conn:
        conn.execute(LEASES.delete())
        conn.execute(ENDED_LEASES.delete())
        for number, end in enumerate(ends):
            leases.open(conn, str(number), "p", "o", "ana", end)
        assert leases.expire(conn, now) == [str(number) for number, end in enumerate(ends) if end <= now]


def test_a_moment_without_zone_is_refused(record: Record) -> None:
    with pytest.raises(StatementError, match="has no timezone"), record.transaction() as conn:
        domains.save(conn, Domain("a", None, None, (), datetime(2026, 11, 23)))


@_ROUNDS
@given(responsibility=st.text(), members=st.lists(st.text()))
def test_text_comes_back_as_it_was_but_for_nul(record: Record, responsibility: str, members: list[str]) -> None:
    with record.transaction() as conn:
        conn.execute(DOMAINS.delete())
        domains.save(conn, Domain("a", responsibility, None, tuple(members), NOON))
        (found,) = domains.list_all(conn)
    assert found.responsibility == responsibility.replace("\x00", "\ufffd")
    assert found.members == tuple(members)


def test_text_that_no_database_holds_is_replaced(record: Record) -> None:
    with record.transaction() as conn:
        domains.save(conn, Domain("a", "nul \x00, lone \ud83d surrogate, whole 😀", None, (), NOON))
        found = domains.find(conn, "a")
    assert found is not None
    assert found.responsibility == "nul \ufffd, lone \ufffd surrogate, whole 😀"


@_ROUNDS
@given(spec=st.dictionaries(st.text(), _JSON))
def test_json_comes_back_exactly_with_its_keys_in_order(record: Record, spec: dict[str, Any]) -> None:
    with record.transaction() as conn:
        domains.save(conn, Domain("sales", None, None, (), NOON))
        conn.execute(PRODUCTS.delete())
        row = product(stored_contract=StoredContract(json.dumps(spec)))
        conn.execute(PRODUCTS.insert().values({name: getattr(row, name) for name in row.__slots__}))
        stored = conn.scalar(PRODUCTS.select().with_only_columns(PRODUCTS.c.stored_contract))
    assert json.dumps(stored.json) == json.dumps(spec)


def test_json_keeps_what_text_columns_cannot_hold(record: Record) -> None:
    row = product(stored_contract=contract(description="nul \x00, lone \ud83d surrogate, whole 😀"))
    with record.transaction() as conn:
        domains.save(conn, Domain("sales", None, None, (), NOON))
        products.save(conn, row)
        assert products.find(conn, "orders") == row


def test_json_text_is_strict() -> None:
    assert types.to_json({"b": [1, 2.5], "a": None}) == '{"b":[1,2.5],"a":null}'
    with pytest.raises(TypeError):
        types.to_json({"when": NOON})
