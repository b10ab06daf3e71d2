"""A running worker and two small tables, one of them an input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.engine.source import ParquetSource
from data_platform.engine.worker import SqlWorker

Tables = Mapping[tuple[str, ...], ParquetSource]


def source(path: Path, table: pa.Table) -> ParquetSource:
    pq.write_table(table, path)
    return ParquetSource((str(path),), table.schema)


@pytest.fixture(scope="session")
def worker() -> Iterator[SqlWorker]:
    """One worker for all tests that do not break it for others; it is killed and restarted by some."""
    with SqlWorker(memory_limit_mb=512, threads=1) as running:
        yield running


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("staged files")
    orders = pa.table(
        {
            "order_id": [1, 2, None, 4],
            "customer_id": [10, 11, 10, 99],
            "total_amount": [5.0, -1.0, 2.5, 100.0],
            "email": ["a@x.org", "b@x.org", None, "nobody"],
        }
    )
    customers = pa.table({"customer_id": [10, 11], "segment": ["gold", "blue"]})
    return {
        ("orders_fact",): source(folder / "orders's.parquet", orders),
        ("customers-data-product", "customers_dim"): source(folder / "customers.parquet", customers),
    }
