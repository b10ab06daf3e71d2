"""The mission text's own example, end to end: its published rows are those that plain SQL computed."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from data_platform import DataProduct, Platform, Refused
from tests.postgres import Server

EXAMPLE = Path(__file__).parents[2] / "examples" / "orders"
DIMENSION = "name: {name}-data-product\ndomain: {name}\nowner: {name}@company.com\noutputs:\n  - name: {name}_dim\n"
CREATE = {
    "orders": "order_id bigint, customer_id bigint, order_status text, shipping_address text, created_at timestamptz",
    "order_items": "item_id bigint, order_id bigint, product_id bigint, quantity bigint, price double precision",
}


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example's folder beside an empty home; the two other domains have published."""
    monkeypatch.setenv("DATA_PLATFORM_HOME", str(tmp_path / "home"))
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "orders"))
    for name, pii in (("customers", "pii_columns: [customer_email]\n"), ("products", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "product.yaml").write_text(DIMENSION.format(name=name) + pii)
        DataProduct(tmp_path / name).publish(f"{name}_dim", folder / "data" / f"{name}.csv")
    return folder


def _expected(example: Path) -> pl.DataFrame:
    rows = pl.read_csv(example / "data" / "expected_orders_fact.csv", try_parse_dates=False)
    return rows.with_columns(pl.col("created_at").str.to_datetime(time_unit="us", time_zone="UTC"))


def _published(example: Path) -> pl.DataFrame:
    with Platform.open() as platform:
        return platform.consume("orders-data-product", "orders_fact").to_polars()


def _run_and_compare(example: Path) -> None:
    DataProduct.with_pipeline(example, "orders_fact").run("orders_fact")
    found, expected = _published(example), _expected(example)
    key = ["order_id", "product_id"]
    assert found.columns == expected.columns
    money = pl.col("total_amount").round(6)
    assert found.with_columns(money).sort(key).equals(expected.with_columns(money).sort(key))


def test_from_files(example: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / "settings.toml").write_text(
        f'[sources.postgres]\ntype = "files"\npath = "{example / "data"}"\n'
    )
    _run_and_compare(example)


@pytest.mark.engines
def test_from_a_real_postgres(
    example: Path, tmp_path: Path, postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres_server.execute("CREATE DATABASE shop")
    for table, columns in CREATE.items():
        postgres_server.execute(f"CREATE TABLE {table} ({columns})", "shop")
        rows = pl.read_csv(example / "data" / f"{table}.csv", infer_schema=False).rows()
        for row in rows:
            values = ", ".join("'" + str(value).replace("'", "''") + "'" for value in row)
            postgres_server.execute(f"INSERT INTO {table} VALUES ({values})", "shop")
    monkeypatch.setenv("SHOP_PASSWORD", postgres_server.password)
    uri = f"postgresql://{postgres_server.user}:${{SHOP_PASSWORD}}@{postgres_server.host}:{postgres_server.port}/shop"
    (tmp_path / "home" / "settings.toml").write_text(f'[sources.postgres]\ntype = "postgres"\nuri = "{uri}"\n')
    _run_and_compare(example)


def test_its_stream_registers_and_cannot_be_published_to_yet(example: Path) -> None:
    product = DataProduct(example)
    assert product.register().created
    with pytest.raises(Refused, match="stream"):
        product.publish("order_events", [{"order_id": 1}])
