"""A mesh of real size behind the portal: a thousand products in the record, and a few that really hold data."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks import finding
from data_platform import DataFrame, DataProduct
from data_platform.errors import Refused
from data_platform.functions import count
from tests.server.portal.conftest import Portal, serve_portal

PRODUCTS = 1000
CUSTOMERS = """name: customers
domain: crm
owner: owners
retention_days: 365
description: Everybody who has ever bought something, with the segment that marketing puts them in
outputs:
- name: customers_dim
  schema: customers.json
  sla: {freshness: 1 second}
  quality:
  - {rule: known_segments, sql: "SELECT COUNT(*) FROM customers_dim WHERE segment NOT IN ('public', 'business')"}
"""
CUSTOMERS_SCHEMA = """{"type": "object", "required": ["id"], "properties": {
  "id": {"type": "integer", "description": "The number of the customer"},
  "email": {"type": "string", "tags": ["pii"]},
  "segment": {"type": "string", "description": "The segment of marketing: public or business"}}}"""
REVENUE = """name: revenue
domain: finance
owner: analysts
retention_days: 365
description: How many customers each segment has
outputs:
- name: by_segment
  sla: {freshness: 1 second}
inputs:
- {data_product: customers, output: customers_dim}
"""
POLICIES = """policies:
- name: data-retention
  description: How long data is kept is declared
  enforcement: blocking
  rule: {type: metadata-check, condition: ASSERT product.retention_days IS NOT NULL}
- name: reviewed-by-legal
  enforcement: warning
"""
GOOD: list[dict[str, Any]] = [
    {"id": 1, "email": "ann@example.org", "segment": "public"},
    {"id": 2, "email": "bob@example.org", "segment": "business"},
]
SPOILED = [*GOOD, {"id": 3, "email": "eve@example.org", "segment": "unheard-of"}]


WIDE = """name: wide
domain: bench
owner: owners
retention_days: 30
outputs:
- {name: rows, schema: wide.json}
"""
COLUMNS, UPSTREAMS, WAIVERS, ATTESTATIONS = 2_000, 1_000, 40, 60


@contextmanager
def serve_large_mesh(folder: Path) -> Iterator[Portal]:
    """The portal of a mesh whose product `revenue` is late, because the last publish of `customers` was refused."""
    with serve_portal(folder) as portal:
        dice, record = random.Random(7), f"sqlite:///{folder / 'home' / 'record.db'}"
        names = finding.fill(record, PRODUCTS, finding.make_vocabulary(dice), dice)
        customers = register(portal, "customers", CUSTOMERS, CUSTOMERS_SCHEMA)
        customers.publish("customers_dim", GOOD)
        revenue = register(portal, "revenue", REVENUE)

        @revenue.pipeline("by_segment")
        def count_customers() -> DataFrame:
            customers = revenue.consume("customers", "customers_dim")
            return customers.groupBy("segment").agg(count("id").alias("customers"))

        revenue.run("by_segment")
        spoil(portal)
        (folder / "policies.yaml").write_text(POLICIES)
        portal.platform.apply_policies(folder / "policies.yaml")
        for name in names[:WAIVERS]:
            portal.platform.waive_policy(name, "data-retention", "Its storage is rebuilt this month", "30 days")
        for name in names[:ATTESTATIONS]:
            portal.platform.attest_policy(name, "reviewed-by-legal", "Reviewed by the legal department", "90 days")
        columns = {f"column_{number}": {"type": "string"} for number in range(COLUMNS)}
        schema = json.dumps({"type": "object", "properties": columns})
        register(portal, "wide", WIDE, schema)
        inputs = [f"- {{data_product: {name}, output: fact}}\n" for name in names[:UPSTREAMS]]
        register(portal, "hub", f"{WIDE}inputs:\n{''.join(inputs)}".replace("wide", "hub"), schema)
        portal.platform.tick()
        yield portal


def register(portal: Portal, name: str, text: str, schema: str | None = None) -> DataProduct:
    """A product whose contract is that text, and `NAME.json` its schema."""
    folder = portal.folder / name
    folder.mkdir()
    (folder / "product.yaml").write_text(text)
    if schema is not None:
        (folder / f"{name}.json").write_text(schema)
    portal.platform.register(folder)
    return DataProduct(folder, portal.platform)


def spoil(portal: Portal) -> None:
    """A publish of `customers` that is refused: an incident, if none is open."""
    with pytest.raises(Refused):
        DataProduct(portal.folder / "customers", portal.platform).publish("customers_dim", SPOILED)
