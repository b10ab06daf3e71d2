"""Many products at once tell the same as each alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from data_platform.record.catalog import bulk, domains, outputs, products
from data_platform.record.catalog.bulk import ListedOutput, ListedProduct, NameRange, NewestAudit, Readers
from data_platform.record.catalog.domains import Domain
from data_platform.record.catalog.products import ProductRow
from data_platform.record.db.stored_json import StoredSchema
from data_platform.record.governance import judgements
from data_platform.record.governance.judgements import AuditRow
from data_platform.record.operations import usage
from data_platform.record.operations.usage import Read
from data_platform.record.store import Record
from tests.record.given import NOON, contract, later, output, product, published, registered

READ = Read(0, "orders", "orders_fact", 1, ("order_id",), "bo", False, NOON)
JUDGED = AuditRow(0, "orders", "orders_fact", 1, "passed", [{"rule": "r", "passed": True}], None, NOON, "bo")
ALL = ("customers", "nosuch", "orders")


@pytest.fixture
def two(record: Record) -> Record:
    with record.transaction() as conn:
        registered(conn, "orders", "orders_fact", "b")
        registered(conn, "customers")
        published(conn, 1)
    return record


def facts_of(row: ProductRow) -> tuple[Any, ...]:
    return row.name, row.domain, row.owner, row.description, row.tags, row.status, row.version


def test_products_and_outputs_are_listed(two: Record) -> None:
    with two.transaction() as conn:
        outputs.save(conn, replace(output("orders", "b"), retired=True))
        assert bulk.list_names(conn) == ("customers", "orders")
        orders, customers = (products.find(conn, name) for name in ("orders", "customers"))
        assert orders is not None
        assert customers is not None
        assert sorted(bulk.load_products(conn, ALL), key=lambda row: row.name) == [
            ListedProduct(*facts_of(row), False, row.revision, row.stored_contract) for row in (customers, orders)
        ]
        facts = ("orders_fact", "table", ("order_id",), False)
        assert bulk.load_outputs(conn, ALL) == tuple(
            ListedOutput(name, *facts, "orders_fact", output().major, output().revision, False)
            for name in ("customers", "orders")
        )
        assert bulk.list_declaring_pii(conn, ["orders", "nosuch"]) == set()
        assert bulk.load_products(conn, ()) == bulk.load_outputs(conn, ()) == ()


def test_a_span_tells_what_its_names_tell(two: Record) -> None:
    with two.transaction() as conn:
        registered(conn, "returns")
        usage.add(conn, READ)
        judgements.add(conn, JUDGED)
        assert tuple(bulk.split_names(conn, 2)) == (NameRange("customers", "orders"), NameRange("returns", "returns"))
        for tell in (
            bulk.load_products,
            bulk.load_outputs,
            bulk.load_newest_publishes,
            bulk.load_newest_audits,
            bulk.count_readers,
        ):
            assert set(map(repr, tell(conn, NameRange("customers", "orders")))) == set(map(repr, tell(conn, ALL)))


def test_personal_data_is_named_by_schemas_and_by_contracts(record: Record) -> None:
    nested = {"type": "struct", "fields": [{"name": "mail", "type": "string", "required": False, "tags": ["pii"]}]}
    columns = [{"name": "id", "type": "long", "required": True}, {"name": "who", "type": nested, "required": False}]
    with record.transaction() as conn:
        domains.save(conn, Domain("sales", None, None, (), NOON))
        for name, columns_of in (("orders", ["mail"]), ("visits", [])):
            products.save(conn, product(name, stored_contract=contract(name, pii_columns=columns_of)))
            outputs.save(conn, output(name, "open", stored_schema=None))
            outputs.save(conn, output(name, "own", stored_schema=StoredSchema(json.dumps({"columns": columns}))))
        assert bulk.list_declaring_pii(conn, NameRange("o", "z")) == {"orders"}
        assert [(row.columns, row.pii) for row in bulk.load_outputs(conn, ["visits"])] == [
            (None, False),
            (("id", "who"), True),
        ]


def test_readers_are_counted_by_product(two: Record) -> None:
    with two.transaction() as conn:
        for read in (READ, replace(READ, principal="cy"), replace(READ, at=later(hours=1))):
            usage.add(conn, read)
        assert bulk.count_readers(conn, ALL) == (Readers("orders", 3, 2, later(hours=1)),)


def test_the_newest_published_version_is_told_as_it_was_last_judged(two: Record) -> None:
    with two.transaction() as conn:
        judgements.add(conn, replace(JUDGED, outcome="warned", score=40.0))
        judgements.add(conn, replace(JUDGED, score=80.0))
        judgements.add(conn, replace(JUDGED, version=None, outcome="refused", score=0.0))
        judgements.add(conn, replace(JUDGED, product="customers"))
        found = {row.product: row for row in bulk.load_newest_audits(conn, ALL)}
    assert found == {
        "orders": NewestAudit("orders", "orders_fact", "passed", 80.0, None),
        "customers": NewestAudit("customers", "orders_fact", "passed", None, JUDGED.results),
    }
