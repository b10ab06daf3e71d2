from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from data_platform.errors import ContractMoved
from data_platform.record.catalog import domains, products
from data_platform.record.catalog.domains import Domain
from data_platform.record.db.stored_json import StoredContract
from data_platform.record.store import Record
from tests.record.given import NOON, contract, later, product


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
    assert (first.revision, first.stored_contract, first.changes) == (1, row.stored_contract, ("registered",))


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
    second = product(
        revision=2, version="1.1.0", stored_contract=contract(version="1.1.0"), registered_at=later(hours=1)
    )
    with record.transaction() as conn:
        products.save(conn, product())
        assert products.replace(conn, second, expected_revision=1, changes=["output added"])
        assert products.find(conn, "orders") == second
        newest, oldest = products.list_revisions(conn, "orders")
        assert products.find_contract(conn, "orders", 1) == oldest
        assert products.find_contract(conn, "orders", 3) is None
    assert (newest.revision, newest.stored_contract, newest.changes) == (2, second.stored_contract, ("output added",))
    assert (oldest.revision, oldest.stored_contract, oldest.registered_at) == (1, contract(), NOON)


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


def test_the_text_of_a_contract_is_kept_with_the_order_of_its_keys(record: Record) -> None:
    text = '{"zeta":1,"schemas":{},"product":{"owner":"ana","name":"orders","domain":"sales","outputs":[]},"a":null}'
    with record.transaction() as conn:
        products.save(conn, product(stored_contract=StoredContract(text)))
        row = products.find(conn, "orders")
    assert row is not None
    assert row.stored_contract.text == text
    assert row.contract.product.owner == "ana"


def test_a_contract_is_parsed_once_for_the_same_text(record: Record) -> None:
    with record.transaction() as conn:
        products.save(conn, product())
        first, second = products.find(conn, "orders"), products.find(conn, "orders")
    assert first is not None
    assert second is not None
    assert first.contract is second.contract


def test_the_next_contract_keeps_the_state_of_the_product(record: Record) -> None:
    row = replace(product(), archived_at=NOON)
    after = row.revise(replace(row.contract, product=replace(row.contract.product, owner="bo")), later(hours=1), "cy")
    assert (after.owner, after.contract.product.owner, after.revision) == ("bo", "bo", 2)
    assert (after.archived_at, after.registered_at, after.registered_by) == (NOON, later(hours=1), "cy")


def test_all_are_ordered_by_name(record: Record) -> None:
    with record.transaction() as conn:
        for name in ("b", "a_1", "a1"):
            products.save(conn, product(name))
        assert [row.name for row in products.list_all(conn)] == ["a1", "a_1", "b"]
        assert products.list_all(conn)[2] == replace(product("b"))
