"""What an action over personal data raises quotes none of it, in its message or in the traceback."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform import functions as F
from data_platform.engine.frame import DataFrame, scan
from data_platform.engine.origin import Origin
from data_platform.engine.source import ParquetSource
from data_platform.errors import DataPlatformError

ROWS = {"id": ["1", "x"], "email": ["CANARY@example.org", "CANARY' to INT32 when casting from source column SECRET"]}
FAILING: list[Callable[[DataFrame], object]] = [
    lambda frame: frame.select(F.col("email").cast("int")).to_arrow(),
    lambda frame: frame.select(F.col("email").cast("date")).collect(),
    lambda frame: frame.select(F.expr("CAST(email AS DECIMAL(9, 2))")).toPandas(),
    lambda frame: frame.filter(F.col("email").cast("int") > 3).count(),
    lambda frame: list(frame.select(F.col("email").cast("double")).to_batches()),
    lambda frame: frame.select(F.col("id"), F.col("email").cast("timestamp").alias("x")).show(),
]


@pytest.fixture
def frame(tmp_path: Path) -> DataFrame:
    table = pa.table(ROWS)
    pq.write_table(table, tmp_path / "rows.parquet")
    source = ParquetSource((str(tmp_path / "rows.parquet"),), table.schema, personal=frozenset({"email"}))
    return scan(source, Origin("product", "p", "t", 1))


@pytest.mark.parametrize("act", FAILING)
def test_no_error_quotes_personal_data(frame: DataFrame, act: Callable[[DataFrame], object]) -> None:
    try:
        act(frame)
    except DataPlatformError as error:
        said = "".join(traceback.format_exception(error))
        assert "CANARY" not in said
        assert "SECRET" not in said


def test_a_cast_over_personal_data_says_that_it_failed(frame: DataFrame) -> None:
    with pytest.raises(DataPlatformError, match=r"withheld|could not be converted to INT32"):
        frame.select(F.col("email").cast("int")).to_arrow()


def test_a_value_of_other_columns_is_quoted(frame: DataFrame) -> None:
    with pytest.raises(DataPlatformError, match="'x'"):
        frame.select(F.col("id").cast("int")).to_arrow()
