"""A command line to call, an empty folder to call it in, and a mesh that has something to show."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from data_platform import DataProduct, DataQualityError, Platform
from data_platform.cli.main import cli
from data_platform.settings import Home, resolve_identity
from data_platform.verbs.core.context import Caller
from data_platform.verbs.core.mesh import Mesh
from tests.http_exceptions import is_http

Run = Callable[..., Result]

CUSTOMERS = """\
name: customers
domain: crm
owner: cora@example.com
outputs:
  - name: customers_dim
    schema: customers.json
tags: [people]
pii_columns: [email]
"""
CUSTOMERS_SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "email": {"type": ["string", "null"]}},
}
ORDERS = """\
name: orders
domain: commerce
owner: olga@example.com
description: "Orders\\e[31m [bold]of all shops[/bold]"
outputs:
  - name: orders_fact
    sla: {freshness: 15 minutes, availability: 99.9%}
    quality_rules:
      - rule: no_negative_total
        sql: "SELECT COUNT(*) FROM orders_fact WHERE total < 0"
        threshold: 0
      - rule: many_rows
        sql: "SELECT COUNT(*) FROM orders_fact"
        mustBeGreaterThan: 100
        severity: warning
inputs:
  - data_product: customers
    output: customers_dim
  - data_product: payments
    output: payments_fact
tags: [money]
"""
GOOD = [{"id": 1, "total": 12.5, "note": "ชำระแล้ว"}, {"id": 2, "total": 3.0, "note": "\x1b[2Jgone\u202e"}]
BAD = [{"id": 3, "total": -1.0, "note": None}]


def write_customers(root: Path) -> Path:
    """The product customers, with its schema."""
    folder = root / "customers"
    folder.mkdir(parents=True)
    (folder / "customers.json").write_text(json.dumps(CUSTOMERS_SCHEMA))
    (folder / "product.yaml").write_text(CUSTOMERS)
    return folder


def write_orders(root: Path) -> Path:
    """The product orders, whose schema is inferred."""
    folder = root / "orders"
    folder.mkdir(parents=True)
    (folder / "product.yaml").write_text(ORDERS)
    return folder


@pytest.fixture
def run() -> Run:
    """Calls a command line in this process; stdout and stderr are kept apart."""

    def call(*arguments: object, **options: Any) -> Result:
        return CliRunner().invoke(cli, list(map(str, arguments)), prog_name="data-platform", **options)

    return call


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, with a home of its own that is not there yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_PLATFORM_USER", "ana@example.com")
    return tmp_path


@pytest.fixture(scope="session")
def shown_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A mesh of two products with versions, lineage, a refusal and a read; tests only look at it."""
    root = tmp_path_factory.mktemp("shown")
    home = root / ".data-platform"
    home.mkdir()
    with Platform.open(home) as platform:
        customers = DataProduct(write_customers(root), platform)
        customers.publish("customers_dim", [{"id": 1, "email": "ann@example.org"}, {"id": 2, "email": None}])
        orders = DataProduct(write_orders(root), platform)
        orders.publish("orders_fact", GOOD, lineage=["customers.customers_dim"])
        with pytest.raises(DataQualityError):
            orders.publish("orders_fact", BAD)
        orders.publish("orders_fact", GOOD[:1], lineage=["customers.customers_dim#1"])
        platform.consume("orders", "orders_fact").collect()
    yield Home(home).path


@pytest.fixture(scope="session")
def shown_url(shown_home: Path) -> Iterator[str | None]:
    """A server of that mesh, where the run is over HTTP: whoever the environment names asks, as in a folder."""
    if not is_http():
        yield None
        return
    from tests.http_transport import serve_mesh  # the server is loaded in this lane alone

    opened = Mesh.open(Home(shown_home))
    with serve_mesh(opened, lambda: Caller(resolve_identity())) as url:
        yield url
    opened.close()


@pytest.fixture
def mesh(shown_home: Path, shown_url: str | None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That mesh, as the one the command line finds."""
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(shown_home))
    if shown_url is not None:
        monkeypatch.setenv("DATA_PLATFORM_URL", shown_url)
        monkeypatch.setenv("DATA_PLATFORM_TOKEN", "a-token")
    return shown_home
