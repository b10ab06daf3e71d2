from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from data_platform.errors import ContractMoved
from data_platform.record.catalog import domains, products
from data_platform.record.catalog.domains import Domain
from data_platform.record.store import Record
from tests.record.given import NOON, later, product


@pytest.fixture(autouse=True)
def _sales(record: Record) -> None:
    with record.transaction() as conn:
        domains.save(conn, Domain("sales", None, None, (), NOON))


def test_a_saved_product_is_found_with_its_first_contract(record: Record) -> None:
    row = product()
    with record.transaction() as conn:
        products.save(conn, row, ["registered"])
    with record.reading() as conn:
        assert products.find(conn, "orders") == row
        (first,) = products.list_revisions(conn, "orders")
    assert (first.revision, first.spec, first.changes) == (1, row.spec, ("registered",))


def test_a_name_is_registered_once(record: Record) -> None:
    with record.transaction() as conn:
        products.save(conn, product())
    with pytest.raises(ContractMoved, match="orders was registered"), record.transaction() as conn:
        products.save(conn, product(owner="bo"))
    with record.reading() as conn:
        assert products.find(conn, "orders") == product()
        assert len(products.list_revisions(conn, "orders")) == 1


def test_a_product_needs_its_domain(record: Record) -> None:
    with pytest.raises(IntegrityError), record.transaction() as conn:
        products.save(conn, product(domain="nowhere"))


def test_replacing_keeps_every_contract_newest_first(record: Record) -> None:
    second = product(revision=2, version="1.1.0", spec={"name": "orders", "v": 2}, registered_at=later(hours=1))
    with record.transaction() as conn:
        products.save(conn, product())
        assert products.replace(conn, second, expected_revision=1, changes=["output added"])
        assert products.find(conn, "orders") == second
        newest, oldest = products.list_revisions(conn, "orders")
        assert products.find_contract(conn, "orders", 1) == oldest
        assert products.find_contract(conn, "orders", 3) is None
    assert (newest.revision, newest.spec, newest.changes) == (2, second.spec, ("output added",))
    assert (oldest.revision, oldest.spec, oldest.registered_at) == (1, product().spec, NOON)


def test_replacing_a_revision_that_moved_changes_nothing(record: Record) -> None:
    with record.transaction() as conn:
        products.save(conn, product())
        assert products.replace(conn, product(revision=2, owner="bo"), expected_revision=1)
        assert not products.replace(conn, product(revision=2, owner="cy"), expected_revision=1)
        assert not products.replace(conn, product("unknown", revision=2), expected_revision=1)
        found = products.find(conn, "orders")
        assert found is not None and found.owner == "bo"
        assert len(products.list_revisions(conn, "orders")) == 2


def test_revisions_have_no_gaps(record: Record) -> None:
    with pytest.raises(ValueError, match="cannot follow"), record.transaction() as conn:
        products.replace(conn, product(revision=3), expected_revision=1)


def test_the_order_of_a_specs_keys_is_kept(record: Record) -> None:
    spec = {"zeta": 1, "a": {"yy": 1, "x": 2}, "bb": None}
    with record.transaction() as conn:
        products.save(conn, product(spec=spec))
        found = products.find(conn, "orders")
    assert found is not None
    assert list(found.spec) == ["zeta", "a", "bb"] and list(found.spec["a"]) == ["yy", "x"]


def test_all_are_ordered_by_name(record: Record) -> None:
    with record.transaction() as conn:
        for name in ("b", "a_1", "a1"):
            products.save(conn, product(name))
        assert [row.name for row in products.list_all(conn)] == ["a1", "a_1", "b"]
        assert products.list_all(conn)[2] == replace(product("b"))
