"""The example as a new user of a server runs it: a real server, a token, and Postgres at the client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from data_platform import Platform
from tests.conformance.test_notebook import run_cells
from tests.examples.test_orders import CREATE, DIMENSION, EXAMPLE
from tests.postgres import Server
from tests.server.process.test_serve import run_server

pytestmark = pytest.mark.engines

ORDERS = """name: orders-data-product
domain: commerce
owner: orders-team@company.com
outputs:
  - name: orders_fact
"""


@dataclass(frozen=True)
class Laptop:
    """A folder of a user, and what its commands find in their environment."""

    folder: Path
    variables: dict[str, str]

    def run(self, *words: str) -> str:
        """What a command prints."""
        done = subprocess.run(
            [sys.executable, "-m", "data_platform", *words],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def source(postgres_server: Server, postgres_url: str) -> str:
    """The URL of a database that has the example's orders; its password is a variable."""
    database = postgres_url.rpartition("/")[2]
    for table, columns in CREATE.items():
        postgres_server.execute(f"CREATE TABLE {table} ({columns})", database)
        for row in pl.read_csv(EXAMPLE / "data" / f"{table}.csv", infer_schema=False).rows():
            values = ", ".join("'" + str(value).replace("'", "''") + "'" for value in row)
            postgres_server.execute(f"INSERT INTO {table} VALUES ({values})", database)
    return postgres_url.replace(postgres_server.password, "${SHOP_PASSWORD}")


def write_files(folder: Path, source: str) -> None:
    """Three products, of which none has a written schema, and the settings of the client."""
    settings = folder / ".data-platform" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[sources.postgres]\ntype = "postgres"\nuri = "{source}"\n')
    for name, pii in (("customers", "pii_columns: [customer_email]\n"), ("products", "")):
        (folder / name).mkdir()
        (folder / name / "product.yaml").write_text(DIMENSION.format(name=name) + pii)
        (folder / f"{name}.csv").write_bytes((EXAMPLE / "data" / f"{name}.csv").read_bytes())
    (folder / "orders").mkdir()
    (folder / "orders" / "product.yaml").write_text(ORDERS)
    (folder / "orders" / "pipeline.py").write_bytes((EXAMPLE / "pipeline.py").read_bytes())


def test_a_pipeline_over_postgres_and_two_products_and_a_notebook(
    tmp_path: Path, source: str, postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATA_PLATFORM_HOME", raising=False)
    home, folder = tmp_path / "mesh" / ".data-platform", tmp_path / "laptop"
    home.parent.mkdir()
    write_files(folder, source)
    with run_server(home) as served:
        operator = Laptop(home.parent, {**os.environ, "DATA_PLATFORM_HOME": str(home)})
        created = operator.run("tokens", "create", "ana@example.com", "--role", "owner", "--team", "shop", "--json")
        token = json.loads(created)["token"]
        variables = {"DATA_PLATFORM_URL": served.url, "DATA_PLATFORM_TOKEN": token}
        laptop = Laptop(folder, {**os.environ, **variables, "SHOP_PASSWORD": postgres_server.password})
        for name in ("customers", "products"):
            laptop.run("publish", f"{name}/product.yaml", f"{name}_dim", f"{name}.csv")
        laptop.run("run", "orders/product.yaml", "orders_fact")
        with Platform.connect(served.url, token) as mesh:
            check_rows(mesh)
            check_origins(mesh)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        check_notebook(folder)


def check_rows(mesh: Platform) -> None:
    expected = pl.read_csv(EXAMPLE / "data" / "expected_orders_fact.csv", try_parse_dates=False).with_columns(
        pl.col("created_at").str.to_datetime(time_unit="us", time_zone="UTC")
    )
    rows = mesh.consume("orders-data-product", "orders_fact").to_polars()
    money, key = pl.col("total_amount").round(6), ["order_id", "product_id"]
    assert rows.columns == expected.columns
    assert rows.with_columns(money).sort(key).equals(expected.with_columns(money).sort(key))


def check_origins(mesh: Platform) -> None:
    nodes = mesh.lineage("orders-data-product").upstream
    assert {(node.kind, node.product, node.output, node.declared) for node in nodes} == {
        ("product", "customers-data-product", "customers_dim", False),
        ("product", "products-data-product", "products_dim", False),
        ("source", "postgres", "orders", False),
        ("source", "postgres", "order_items", False),
    }
    columns = mesh.latest_version("orders-data-product", "orders_fact").schema
    assert {column.name for column in columns if "pii" in column.tags} == {"customer_email"}


def check_notebook(folder: Path) -> None:
    *_, table, count, total = run_cells(
        folder,
        "import os\nfrom data_platform import Platform\nfrom data_platform.functions import col",
        "mesh = Platform.connect(os.environ['DATA_PLATFORM_URL'], os.environ['DATA_PLATFORM_TOKEN'])",
        "frame = mesh.consume('orders-data-product', 'orders_fact')",
        "frame.where(col('order_id') == 1000).orderBy('product_id').select('order_id', 'product_category').show()",
        "len(frame.to_pandas())",
        "mesh.sql('SELECT count(*) AS n FROM \"orders-data-product\".orders_fact').to_arrow()['n'][0].as_py()",
    )
    assert "books" in table
    assert "cups" in table
    assert count == total == "116"
