"""Pages of Parquet files whose headers state other sizes than the footer."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import TooLarge
from data_platform.server.bodies import parquet_pages
from data_platform.server.bodies.parquet_uploads import check_parquet
from tests.hypothesis_lanes import examples

ROWS = pa.table(
    {
        "id": list(range(50_000)),
        "name": [f"name {number % 900}" for number in range(50_000)],
        "list": [[number] for number in range(50_000)],
        "none": pa.nulls(50_000, pa.string()),
    }
)


@pytest.mark.long
@pytest.mark.parametrize("codec", ["snappy", "gzip", "zstd", "lz4", "brotli", "none"])
@pytest.mark.parametrize("more", [{}, {"data_page_version": "2.0"}, {"use_dictionary": False}, {"data_page_size": 100}])
def test_what_pyarrow_writes_passes(tmp_path: Path, codec: str, more: dict[str, Any]) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(ROWS, path, compression=codec, row_group_size=20_000, write_page_checksum=True, **more)
    check_parquet(path)


def test_what_polars_and_duckdb_write_passes(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame(ROWS.select(["id", "name", "list"])).write_parquet(path, data_page_size=1000)
    check_parquet(path)
    path = tmp_path / "b.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT range AS id, 'x' || range % 7 AS name FROM range(200_000)) TO '{path}' (COMPRESSION zstd)"
    )
    check_parquet(path)


def write_bomb() -> bytes:
    """One page of 8 MiB of zeros in a few bytes, of which the footer says that it has 100 bytes."""
    out = io.BytesIO()
    pq.write_table(
        pa.table({"id": pa.array([0] * (1 << 20), pa.int64())}),
        out,
        compression="zstd",
        use_dictionary=False,
        data_page_size=1 << 30,
        write_batch_size=1 << 20,
        row_group_size=1 << 20,
        max_rows_per_page=1 << 21,
        write_statistics=False,
    )
    data = bytearray(out.getvalue())
    size = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0).column(0).total_uncompressed_size
    stated = encode(size)
    footer = data.index(stated, data.index(b"schema"))
    return bytes(data[:footer] + encode(100, len(stated)) + data[footer + len(stated) :])


def encode(number: int, length: int = 0) -> bytes:
    """A zigzag varint of Thrift, filled up to `length` bytes."""
    value, out = number << 1, bytearray()
    while value > 127 or len(out) < length - 1:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def test_a_page_that_is_larger_than_the_footer_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(write_bomb())
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).total_uncompressed_size == 100
    with pytest.raises(TooLarge, match=r'column "id" have 8,\d+,\d+ bytes or more .*, and the footer says 100'):
        check_parquet(path)


def test_a_header_that_states_a_huge_size_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(1000))}), out, compression="zstd", use_dictionary=False)
    data = bytearray(out.getvalue())
    header = parquet_pages._Header(data, 4)  # type: ignore[arg-type]
    stated = encode(header.unpacked)
    place = data.index(stated, 4)
    data[place : place + len(stated)] = encode(2_000_000_000)
    path = tmp_path / "a.parquet"
    path.write_bytes(data)
    with pytest.raises(TooLarge, match="2,000,000,000 bytes or more"):
        check_parquet(path)


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=examples(300))
def test_any_bytes_are_a_header_or_an_error(data: bytes) -> None:
    try:
        header = parquet_pages._Header(data, 0)  # type: ignore[arg-type]
    except (IndexError, ValueError):
        return
    assert header.unpacked >= 0 and header.packed >= 0 and header.end > 0
