"""A file that is named .parquet and is something else, and a file of a format that is not read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_platform.errors import UnreadableData
from data_platform.tables.intake import open_data
from tests.hypothesis_lanes import examples


def refusal(file: Path) -> UnreadableData:
    with pytest.raises(UnreadableData) as caught:
        list(open_data(file, None).batches)
    assert "magic" not in caught.value.message.lower()
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"id,total\n1,2.5\n", "is text, not a parquet file", "name it .csv"),
        (b"hi", "is text, not a parquet file", "name it .csv"),
        (b"", "is empty, so it is not a parquet file", "write it again"),
        (b"PAR1", "is a parquet file without its end", "fetch it again"),
        (b"PAR1" + b"x" * 100, "is a parquet file without its end", "fetch it again"),
        (b"PAR1" + b"\xff" * 100 + b"PAR1", "is a damaged parquet file", "fetch it again"),
        (b"PARE" + b"\0" * 100 + b"PARE", "is an encrypted parquet file", "decrypt it"),
        (b"PK\x03\x04" + b"\0" * 50, "Excel", "save the sheet as CSV"),
        (b"\x1f\x8b" + b"\0" * 50, "is packed with gzip", ".gz"),
        (b"\0\1\2\xff" * 20, "is something else", "right file"),
    ],
)
def test_what_is_no_parquet_is_named(tmp_path: Path, content: bytes, message: str, hint: str) -> None:
    file = tmp_path / "rows.parquet"
    file.write_bytes(content)
    error = refusal(file)
    assert message in error.message
    assert error.hint is not None
    assert hint in error.hint


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_parquet_file_that_is_cut_anywhere_is_refused(tmp_path: Path, length: int) -> None:
    file = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"id": range(100)}), file)
    whole = file.read_bytes()
    file.write_bytes(whole[: length % len(whole)])
    refusal(file)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("rows.xlsx", "save the sheet as CSV"),
        ("rows.XLS", "save the sheet as CSV"),
        ("rows.tsv", "--delimiter tab"),
        ("rows.avro", "write it as .parquet"),
        ("rows.zip", "unpack it"),
        ("product.yaml", "test CONTRACT --data FILE"),
        ("rows.zst", "unpack it"),
    ],
)
def test_other_formats_have_their_hint(tmp_path: Path, name: str, hint: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert hint in str(refusal(tmp_path / name).hint)
