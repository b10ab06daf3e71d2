"""The mission's own pipeline, unchanged, over frames made of its own files."""

from __future__ import annotations

import ast
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from data_platform.engine.frame import DataFrame, from_table, scan
from data_platform.engine.origin import Origin
from data_platform.engine.source import ParquetSource

EXAMPLE = Path(__file__).parents[2] / "examples" / "orders"
PRICES = {"price": pa.decimal128(12, 2), "total_amount": pa.decimal128(12, 2)}


class Product:
    """What the pipeline asks of its product: sources and other products, and a decorator."""

    def __init__(self, folder: Path, column_types: dict[str, pa.DataType]) -> None:
        self.folder, self.column_types = folder, column_types
        self.read: list[Origin] = []

    def read_source(self, source: str, table: str) -> DataFrame:
        return from_table(self._csv(table), Origin("source", source, table))

    def consume(self, product: str, output: str) -> DataFrame:
        table = self._csv(output.removesuffix("_dim"))
        path = str(self.folder / f"{output}.parquet")
        pq.write_table(table, path)
        return scan(ParquetSource((path,), table.schema), Origin("product", product, output, 1), self.read.extend)

    def _csv(self, name: str) -> pa.Table:
        return read(name, self.column_types)

    def pipeline(self, **_: object):
        return lambda function: function


def read(name: str, column_types: dict[str, pa.DataType]) -> pa.Table:
    options = pc.ConvertOptions(column_types=column_types, timestamp_parsers=[pc.ISO8601])
    return pc.read_csv(EXAMPLE / "data" / f"{name}.csv", convert_options=options)


def build(product: Product) -> DataFrame:
    """Run the example's file with `product` in the place of the one it loads."""
    tree = ast.parse((EXAMPLE / "pipeline.py").read_text(encoding="utf-8"))
    kept = [
        node
        for node in tree.body
        if not isinstance(node, ast.Assign) and getattr(node, "module", None) != "data_platform"
    ]
    namespace = {"product": product}
    exec(compile(ast.Module(kept, []), "pipeline.py", "exec"), namespace)
    return namespace["build_orders_fact"]()


@pytest.mark.parametrize("column_types", [PRICES, {name: pa.float64() for name in PRICES}], ids=["decimal", "double"])
def test_the_example_gives_its_expected_rows(tmp_path, column_types):
    product = Product(tmp_path, column_types)
    frame = build(product)
    assert product.read == []
    result = frame.orderBy("order_id", "product_id").to_arrow()
    expected = read("expected_orders_fact", column_types)
    assert result.column_names == expected.column_names
    ordered = expected.sort_by([("order_id", "ascending"), ("product_id", "ascending")])
    for name in set(result.column_names) - {"total_amount", "created_at"}:
        assert result[name].to_pylist() == ordered[name].to_pylist(), name
    moments = [[str(value)[:19] for value in table["created_at"].to_pylist()] for table in (result, ordered)]
    assert moments[0] == moments[1]
    amounts = zip(result["total_amount"].to_pylist(), ordered["total_amount"].to_pylist(), strict=True)
    assert all(float(one) == pytest.approx(float(two), abs=1e-9) for one, two in amounts)
    assert result.schema.field("total_quantity").type == pa.int64()
    assert {str(origin) for origin in product.read} == {
        "customers-data-product.customers_dim#1",
        "products-data-product.products_dim#1",
    }
    assert {str(origin) for origin in frame.provenance} == {
        "postgres.orders",
        "postgres.order_items",
        "customers-data-product.customers_dim#1",
        "products-data-product.products_dim#1",
    }
