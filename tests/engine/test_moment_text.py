"""Dates and times beyond Python's have a text from which DuckDB reads the same value."""

from __future__ import annotations

import json

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.engine.csv_text import write_csv_chunks
from data_platform.engine.row_text import read_objects, read_values
from data_platform.spec.text.json_values import dump_json
from tests.engine.test_export import BEYOND, SHAPES, of
from tests.hypothesis_lanes import examples

KINDS = {
    "DATE": (pa.date32(), 2**31 - 1),
    "TIMESTAMP": (pa.timestamp("us"), 2**63 - 1),
    "TIMESTAMPTZ": (pa.timestamp("us", "UTC"), 2**63 - 1),
    "TIMESTAMP_S": (pa.timestamp("s"), 253_402_300_800 * 10),
    "TIMESTAMP_NS": (pa.timestamp("ns"), 2**63 - 1),
}
_LEAST_MOMENT = -9_223_372_022_400_000_000
"""The first microsecond of DuckDB's timestamps."""


@pytest.fixture(scope="module")
def duck() -> duckdb.DuckDBPyConnection:
    """DuckDB in UTC."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=examples(200))
@given(data=st.data())
def test_the_text_is_read_back(duck: duckdb.DuckDBPyConnection, kind: str, data: st.DataObject) -> None:
    arrow, most = KINDS[kind]
    number = data.draw(st.integers(max(-most, _LEAST_MOMENT), most) | st.just(most))
    (row,) = read_objects(pa.table({"v": of(arrow, number)}).to_reader())
    text = json.loads(dump_json(row))["v"]
    back = duck.sql(f"SELECT CAST('{text}' AS {kind}) AS v").to_arrow_table().column("v").combine_chunks()
    assert back.view(pa.int32() if arrow.bit_width == 32 else pa.int64()).to_pylist() == [number], text


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("case", BEYOND)
def test_every_value_is_written_as_json_and_as_csv(case: str, shape: str) -> None:
    table = pa.table({"id": [1, 2], "v": SHAPES[shape](BEYOND[case])})
    rows = [dump_json(row) for row in read_objects(table.to_reader())]
    lines = b"".join(write_csv_chunks(table.to_reader())).decode().splitlines()
    assert (len(rows), len(lines)) == (2, 3)
    assert len(read_values(table["v"])) == 2


TEXTS = [
    (of(pa.date32(), 2**31 - 1), "infinity"),
    (of(pa.date32(), -719_163), "0000-12-31"),
    (of(pa.date64(), 253_402_300_800_000), "10000-01-01"),
    (of(pa.timestamp("us", "UTC"), -(2**63) + 1), "-infinity"),
    (of(pa.timestamp("ms", "UTC"), 253_402_300_800_500), "10000-01-01T00:00:00.500Z"),
    (of(pa.time64("us"), 86_400_000_000), "24:00:00"),
    (of(pa.time64("ns"), 1), "00:00:00.000000001"),
    (of(pa.timestamp("ns"), -1), "1969-12-31T23:59:59.999999999"),
]


@pytest.mark.parametrize(("array", "text"), TEXTS)
def test_the_text_is_iso_8601_or_a_word_of_duckdb(array: pa.Array, text: str) -> None:
    assert read_values(array) == [text]


def test_csv_keeps_the_form_of_the_other_batches() -> None:
    batches = [pa.table({"v": of(pa.timestamp("us"), number)}).to_batches()[0] for number in (0, 2**63 - 1, 1)]
    chunks = list(write_csv_chunks(pa.RecordBatchReader.from_batches(batches[0].schema, batches)))
    assert chunks == [
        b'"v"\n1970-01-01 00:00:00.000000\n',
        b'"infinity"\n',
        b"1970-01-01 00:00:00.000001\n",
    ]
