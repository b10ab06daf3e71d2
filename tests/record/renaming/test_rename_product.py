"""A product's rows under another name: everything moves, history too, and the database refuses to rewrite it after."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from data_platform.record.audit_log import trail
from data_platform.record.catalog import inputs, products, redirects, versions
from data_platform.record.db import rows
from data_platform.record.db.schema import METADATA, REDIRECTS, VERSIONS
from data_platform.record.renaming import rename_product
from data_platform.record.store import Record
from tests.hypothesis_lanes import examples
from tests.record import released
from tests.record.given import NOON, published, registered, version
from tests.record.test_schema_version import schema_of


def test_no_row_is_lost_or_left_under_the_old_name(url: str) -> None:
    released.make(url, "0003")
    with Record.open(url) as record, record.transaction() as conn:
        counts = {table.name: conn.scalar(select(func.count()).select_from(table)) for table in METADATA.sorted_tables}
        schema = schema_of(conn)
        for old, new in (("customers", "people"), ("orders", "sales")):
            rename_product.rename(conn, old, new, NOON, "ana@x")
    with Record.open(url) as record, record.transaction() as conn:
        assert schema_of(conn) == schema
        for table in METADATA.sorted_tables:
            found = conn.scalar(select(func.count()).select_from(table))
            assert found == (2 if table is REDIRECTS else counts[table.name]), table.name
            if table.name in ("audit_log", "redirects"):
                continue
            keys = [c for c in table.c if c.name in ("product", "source_name", "source_product")]
            keys += [table.c.name] if table.name == "products" else []
            for column in keys:
                names = set(conn.scalars(select(column)))
                assert not names & {"customers", "orders"}, column
        assert inputs.find_reader_revisions(conn, "people", "customers_dim").keys() == {"sales"}
        assert trail.check_trail(conn, "sales").ok
        assert trail.find_broken_trails(conn) == {}


def test_history_is_not_rewritten_afterwards(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn)
        published(conn, 1)
        rename_product.rename(conn, "orders", "sales", NOON, "ana@x")
    with pytest.raises(DBAPIError, match="are history"), record.transaction() as conn:
        conn.execute(VERSIONS.update().values(rows=7))
    with record.transaction() as conn:
        assert versions.find_latest(conn, "sales", "orders_fact") is not None
        assert products.find(conn, "orders") is None


def test_a_row_that_refers_to_nothing_is_still_refused(record: Record) -> None:
    with pytest.raises(DBAPIError), record.transaction() as conn:
        registered(conn)
        rename_product.rename(conn, "orders", "sales", NOON, "ana@x")
        conn.execute(VERSIONS.insert().values(rows.to_values(version(1, "orders"))))


def test_a_rename_that_is_not_committed_never_was(record: Record) -> None:
    with record.transaction() as conn:
        registered(conn)
        schema = schema_of(conn)
    with pytest.raises(InterruptedError), record.transaction() as conn:
        rename_product.rename(conn, "orders", "sales", NOON, "ana@x")
        raise InterruptedError
    with record.transaction() as conn:
        assert products.find(conn, "orders") is not None
        assert redirects.list_all(conn) == ()
        assert schema_of(conn) == schema


NAMES = st.sampled_from(["first", "a", "b", "c", "d", "e"])


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=st.lists(NAMES, min_size=1, max_size=8))
def test_any_chain_of_renames_leads_to_the_last_name_and_to_the_first_folder(record: Record, chain: list[str]) -> None:
    with record.transaction() as conn:
        conn.execute(REDIRECTS.delete())
        name, had = "first", ["first"]
        for new in chain:
            if new != name:
                redirects.add(conn, name, new, NOON, "ana@x")
                name = new
                had.append(new)
        assert {redirects.resolve_name(conn, each) for each in had} == {name}
        assert redirects.find(conn, name) is None
        assert redirects.find_folder(conn, name) == "first"
        assert set(redirects.list_names(conn, name)) == set(had)
        conn.execute(REDIRECTS.delete())
