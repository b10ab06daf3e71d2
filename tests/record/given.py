"""Rows for the record's tests: plausible, and different only where a test says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from data_platform.record.catalog import domains, outputs, products, versions
from data_platform.record.catalog.domains import Domain
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.db.stored_json import StoredContract, StoredSchema
from data_platform.record.lineage import column_lineage, lineage

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


def later(**by: float) -> datetime:
    """That much after noon."""
    return NOON + timedelta(**by)


def contract(name: str = "orders", **details: Any) -> StoredContract:
    """The contract of a product with the output `orders_fact`."""
    product = {
        "name": name,
        "domain": "sales",
        "owner": "ana",
        "outputs": [{"name": "orders_fact", "type": "table"}],
        **details,
    }
    return StoredContract(json.dumps({"product": product, "schemas": {}}, separators=(",", ":")))


def product(name: str = "orders", **changes: Any) -> ProductRow:
    """A product of the domain `sales`."""
    row: dict[str, Any] = {
        "domain": "sales",
        "owner": "ana",
        "description": "Every order",
        "tags": ("core", "gold"),
        "status": "active",
        "version": "1.0.0",
        "revision": 1,
        "stored_contract": contract(name),
        "registered_at": NOON,
        "registered_by": "ana",
    }
    return ProductRow(name=name, **row | changes)


def output(product: str = "orders", name: str = "orders_fact", **changes: Any) -> OutputRow:
    """A table output with nothing published."""
    row: dict[str, Any] = {
        "type": "table",
        "topic": None,
        "stored_schema": StoredSchema('{"columns":[{"name":"order_id","type":"long","required":false}]}'),
        "inferred": False,
        "field_ids": {"order_id": 1},
        "last_column_id": 1,
    }
    return OutputRow(product=product, name=name, **row | changes)


def version(number: int, product: str = "orders", output: str = "orders_fact", **changes: Any) -> VersionRow:
    """Version `number`, published that many minutes after noon."""
    row: dict[str, Any] = {
        "contract_version": "1.0.0",
        "contract_revision": 1,
        "stage_id": f"{product}-{output}-{number}",
        "snapshot_id": 7_000_000_000_000_000_000 + number,
        "metadata_location": f"{product}/{output}/metadata/{number}.json",
        "manifest_list": f"{product}/{output}/metadata/snap-{number}.avro",
        "rows": 5_000_000_000,
        "bytes": 80_000_000_000,
        "files": 2,
        "stored_schema": StoredSchema('{"columns":[]}'),
        "statistics": {"order_id": {"min": 1, "max": 9, "nulls": 0}},
        "outcome": "passed",
        "published_at": later(minutes=number),
        "published_by": "ana",
    }
    return VersionRow(product=product, output=output, version=number, **row | changes)


def registered(conn: Connection, name: str = "orders", *output_names: str) -> None:
    """The domain `sales`, a product in it, and its outputs (`orders_fact` if none are named)."""
    if domains.find(conn, "sales") is None:
        domains.save(conn, Domain("sales", None, "ana", (), NOON))
    products.save(conn, product(name))
    for each in output_names or ("orders_fact",):
        outputs.save(conn, output(name, each))


def published(conn: Connection, number: int, product: str = "orders", output: str = "orders_fact") -> VersionRow:
    """Moves the pointer to the next version and records it, as a promote does."""
    row = version(number, product, output)
    now = outputs.lock(conn, product, output)
    assert outputs.swap(conn, product, output, now.metadata_location, row.metadata_location, number)
    lineage.supersede(conn, product, output)
    column_lineage.supersede(conn, product, output)
    versions.add(conn, row)
    return row
