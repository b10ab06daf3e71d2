"""What a team may hand in, how it is read, and what is said of what cannot be read."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Callable, Iterator
from decimal import Decimal as Number
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import DataPlatformError, SchemaMismatch, UnreadableData
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.arrow import from_arrow
from data_platform.spec.schema.types import Decimal, Kind, Primitive, SchemaColumn, TableSchema
from data_platform.tables.intake import open_data
from data_platform.tables.intake.inference import convert_batches, infer_schema
from tests.hypothesis_lanes import examples

LONG, TEXT = Primitive(Kind.LONG), Primitive(Kind.STRING)
CONTRACT = TableSchema((SchemaColumn("id", LONG), SchemaColumn("name", TEXT)))
TWO = {"id": [1, 2], "name": ["a", None]}


def read(data: Any, contract: TableSchema | None = CONTRACT) -> dict[str, list[Any]]:
    """The rows as a publish would take them."""
    opened = open_data(data, contract)
    contract = contract or from_arrow(opened.schema)
    caster = Caster(contract, opened.schema, "p.t", untyped=opened.untyped)
    table = pa.Table.from_batches([caster.cast(batch) for batch in opened.batches], caster.target)
    return {name: table[name].to_pylist() for name in table.column_names}


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


TABLE = pa.table(TWO)
PANDAS = pd.DataFrame({"id": [0, 1, 2], "name": ["z", "a", None]})
TABLES: dict[str, Callable[[], Any]] = {
    "pyarrow": lambda: TABLE,
    "record batch": lambda: TABLE.to_batches()[0],
    "reader": lambda: TABLE.to_reader(),
    "struct array": lambda: TABLE.to_struct_array(),
    "polars": lambda: pl.from_arrow(TABLE),
    "polars lazy": lambda: pl.from_arrow(TABLE).lazy(),
    "duckdb": lambda: duckdb.connect().sql("SELECT * FROM (VALUES (1::BIGINT, 'a'), (2, NULL)) AS t(id, name)"),
    "pandas": lambda: PANDAS[1:].reset_index(drop=True),
    "pandas, filtered": lambda: PANDAS[PANDAS["id"] > 0],
    "pandas, with a named index": lambda: PANDAS[1:].set_index("id"),
    "pandas, categories": lambda: PANDAS[1:].astype({"name": "category"}),
    "dicts": lambda: [{"id": 1, "name": "a"}, {"id": 2}],
    "a generator of dicts": lambda: (row for row in [{"id": 1, "name": "a"}, {"id": 2}]),
    "dicts in another order": lambda: [{"name": "a", "id": 1}, {"id": 2, "name": None}],
}


@pytest.mark.parametrize("made", TABLES.values(), ids=TABLES.keys())
def test_every_kind_of_table(made: Callable[[], Any]) -> None:
    assert read(made()) == TWO


FILES = {
    "a.csv": "id,name\n1,a\n2,NULL\n",
    "bom and crlf.csv": "\ufeffid,name\r\n1,a\r\n2,\r\n",
    "blank lines.CSV": "id,name\n\n1,a\n\n2,\n\n",
    "quoted.csv": '"id","name"\n"1","a"\n2,NULL\n',
    "packed.csv.gz": gzip.compress(b"id,name\n1,a\n2,\n"),
    "lines.jsonl": '{"id": 1, "name": "a"}\n\n{"id": 2}\n',
    "bom.ndjson": '\ufeff{"id": 1, "name": "a"}\n{"name": null, "id": 2}\n',
    "array.json": '[{"id": 1, "name": "a"}, {"id": 2}]',
    "text for numbers.jsonl": '{"id": "1", "name": "a"}\n{"id": "2"}\n',
}


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file(written: Callable[..., Path], name: str) -> None:
    assert read(written(name, FILES[name])) == TWO
    assert read(str(written(name, FILES[name]))) == TWO


def test_parquet_files_and_folders_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    pq.write_table(TABLE[:1], folder / "a.parquet")
    assert read(folder / "a.parquet") == {"id": [1], "name": ["a"]}
    pq.write_table(TABLE[1:], folder / "b.parquet")
    assert read(folder) == TWO
    pq.write_table(pa.table({"id": ["x"]}), folder / "c.parquet")
    with pytest.raises(UnreadableData, match=r"c\.parquet: its columns differ from those of a\.parquet"):
        read(folder)


def test_what_csv_says_stays_as_it_is_written(written: Callable[..., Path]) -> None:
    path = written("a.csv", 'id,name\n1,007\n2,"a, ""b""\nc"\n3,""\n4,\n5,0x1F\n6, NULL\n')
    assert read(path)["name"] == ["007", 'a, "b"\nc', "", None, "0x1F", " NULL"]


def test_lines_within_values_of_a_csv_that_is_larger_than_a_block(written: Callable[..., Path]) -> None:
    rows = [f'line one {number}\nline, two "q"' for number in range(40_000)]
    quoted = "".join('{},"{}"\n'.format(number, row.replace('"', '""')) for number, row in enumerate(rows))
    found = read(written("big.csv", "id,name\n" + quoted))
    assert found["id"] == list(range(40_000))
    assert found["name"] == rows


INFERRED = {
    "007": ("007", "string"),
    "42": (42, "long"),
    "-7.50": (-7.5, "double"),
    "true": (True, "boolean"),
    "2026-01-31": (dt.date(2026, 1, 31), "date"),
    "2026-02-30": ("2026-02-30", "string"),
    "2026-01-31 09:30:00": (dt.datetime(2026, 1, 31, 9, 30), "timestamp"),
    "2026-01-31T09:30:00Z": (dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC), "timestamptz"),
    "99999999999999999999": ("99999999999999999999", "string"),
    "a": ("a", "string"),
}


@pytest.mark.parametrize("text", INFERRED)
def test_without_a_contract_csv_has_the_types_that_all_its_values_have(written: Callable[..., Path], text: str) -> None:
    value, kind = INFERRED[text]
    path = written("a.csv", f"id,late,value\n1,1,{text}\n" + f"2,2,{text}\n" * 60_000 + f"3,x,{text}\n")
    assert [str(column.type) for column in from_arrow(open_data(path, None).schema)] == ["long", "string", kind]
    assert set(read(path, None)["value"]) == {value}


@given(st.lists(st.none() | st.from_regex(r"[0-9eE+.\-]{0,6}|[0-9]{1,20}", fullmatch=True), min_size=1))
@settings(max_examples=examples(60), deadline=None)
def test_inferring_never_changes_a_whole_number(texts: list[str | None]) -> None:
    batch = pa.record_batch({"a": pa.array(texts, pa.string())})
    (typed,) = convert_batches(infer_schema(["a"], [batch]), [batch])
    (column,) = typed.columns
    if pa.types.is_int64(column.type):
        assert [None if value is None else str(value) for value in column.to_pylist()] == texts
    if pa.types.is_string(column.type):
        assert column.to_pylist() == texts


def test_json_numbers_are_exact_decimals_and_dates_are_text(written: Callable[..., Path]) -> None:
    columns = (SchemaColumn("total", Decimal(12, 2)), SchemaColumn("on", Primitive(Kind.DATE)))
    rows = '{"total": 12.10, "on": "2026-01-31"}\n{"total": "0.30", "on": null}\n{"total": 1e3}\n{"total": 7}\n'
    found = read(written("a.jsonl", rows), TableSchema(columns))
    assert found["total"] == [Number("12.10"), Number("0.30"), Number("1000.00"), Number("7.00")]
    assert found["on"] == [dt.date(2026, 1, 31), None, None, None]
    with pytest.raises(SchemaMismatch, match="total"):
        read(written("b.jsonl", '{"total": 12.105}\n'), TableSchema(columns))


def test_a_json_field_that_first_comes_late_is_read(
    written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = '{"id":1}\n' * 10_000 + '{"id":2,"name":"late"}\n'
    *_, last = open_data(written("a.jsonl", lines), CONTRACT).batches
    assert last.to_pylist()[-1] == {"id": 2, "name": "late"}


@pytest.mark.parametrize("empty", [[], pa.table(TWO)[:0], pl.DataFrame(schema={"id": pl.Int64})], ids=repr)
def test_no_rows_are_rows_too(empty: Any) -> None:
    assert read(empty) == {"id": [], "name": []}


def test_a_csv_of_a_header_alone_has_no_rows(written: Callable[..., Path]) -> None:
    assert read(written("a.csv", "id,name\n")) == {"id": [], "name": []}


def test_without_a_contract_no_rows_mean_nothing() -> None:
    for nothing in ([], [{}], pa.table({}), [{"id": None}]):
        with pytest.raises(SchemaMismatch):
            read(nothing, None)


SECRET = "ana@example.com"
UNREADABLE_FILES: dict[str, str | bytes] = {
    "ragged.csv": f"id,name\n1,{SECRET},extra\n",
    "ragged late.csv": "id,name\n" + "1,a\n" * 300_000 + f"1,{SECRET},extra\n",
    "empty.csv": "",
    "latin-1.csv": b"id,name\n1,caf\xe9\n",
    "utf-16.csv": "id,name\n1,a\n".encode("utf-16"),
    "nul.csv": b"\0\0\0\xff",
    "unpacked.csv.gz": b"id,name\n",
    "broken.jsonl": f'{{"id": 1, "name": "{SECRET}"}}\n{{"id": 2, "name": "{SECRET}',
    "numbers.jsonl": "7\n",
    "mixed.jsonl": '{"id": 1}\n7\n',
    "twice.jsonl": '{"id": 1, "id": 2}\n',
    "empty.jsonl": "",
    "broken.json": f'[{{"id": 1, "name": "{SECRET}"}}, {{"id": 2',
    "numbers.json": "[1, 2]",
    "deep.json": "[" * 100_000,
    "huge.json": json.dumps([{"id": 10**40}]),
    "no.parquet": f"PAR1{SECRET}PAR1",
    "empty.parquet": b"",
    "unknown.dat": "id\n1\n",
}


@pytest.mark.parametrize("name", UNREADABLE_FILES)
@pytest.mark.parametrize("contract", [CONTRACT, None], ids=["contract", "first"])
def test_unreadable_files_are_told_without_their_values(
    written: Callable[..., Path], name: str, contract: TableSchema | None
) -> None:
    with pytest.raises(DataPlatformError) as caught:
        read(written(name, UNREADABLE_FILES[name]), contract)
    assert isinstance(caught.value, UnreadableData | SchemaMismatch)
    assert SECRET not in str(caught.value)


def test_a_parquet_file_damaged_at_any_place_is_unreadable_or_read_whole(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"id": range(5_000), "name": ["x" * 20] * 5_000}), tmp_path / "a.parquet", compression="zstd"
    )
    content = (tmp_path / "a.parquet").read_bytes()
    for place in range(0, len(content), len(content) // 25):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        (tmp_path / "b.parquet").write_bytes(damaged)
        try:
            assert len(read(tmp_path / "b.parquet")["id"]) == 5_000
        except (UnreadableData, SchemaMismatch):
            continue


def failing() -> Iterator[pa.RecordBatch]:
    yield TABLE.to_batches()[0]
    raise ZeroDivisionError("in the team's own code")


UNREADABLE: dict[str, Any] = {
    "a number": 7,
    "nothing": None,
    "bytes": b"id",
    "a dict": {"id": [1]},
    "numpy": np.zeros((2, 2)),
    "tuples": [(1, "a")],
    "an array": pa.array([1, 2]),
    "a series": pd.Series([1, 2]),
    "a polars series": pl.Series("id", [1]),
    "no such file": "nowhere.csv",
    "csv as text": f"id,name\n1,{SECRET}",
    "a long text": "x" * 5_000,
    "a path with NUL": "a\0b.csv",
    "pandas, two columns of one name": pd.DataFrame([[1, 2]], columns=["id", "id"]),
    "pandas, two types": pd.DataFrame({"id": [1, SECRET], "name": ["a", "b"]}, dtype=object),
    "lazy, no file": pl.scan_parquet("nowhere.parquet"),
    "lazy, failing": pl.LazyFrame({"id": [SECRET]}).select(pl.col("id").cast(pl.Int64)),
    "duckdb, failing": lambda: duckdb.connect().sql(f"SELECT '{SECRET}'::INTEGER AS id FROM range(3)"),
    "a reader that fails": pa.RecordBatchReader.from_batches(TABLE.schema, failing()),
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_table_is_told(data: Any) -> None:
    with pytest.raises(UnreadableData) as caught:
        read(data() if callable(data) else data)
    assert caught.value.exit_code == 2
    assert SECRET not in str(caught.value) or data == f"id,name\n1,{SECRET}"
    assert "\n  File" not in str(caught.value)


@pytest.mark.parametrize(
    "rows",
    [
        [{"id": 1}, {"id": SECRET}],
        [{"id": True}, {"id": 2}],
        [{"id": 2**70}],
        [{"name": "\ud800"}],
        [{"id": object()}],
        [{1: 2}],
        [{"id": [1]}],
    ],
)
def test_dicts_that_fit_no_table_are_refused_by_column(rows: list[dict[Any, Any]]) -> None:
    with pytest.raises(SchemaMismatch) as caught:
        read(rows)
    assert caught.value.mismatches
    assert SECRET not in str(caught.value)


def test_values_are_taken_batch_by_batch() -> None:
    drawn: list[int] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(10):
            drawn.append(number)
            yield pa.record_batch({"id": [number]})

    opened = open_data(pa.RecordBatchReader.from_batches(pa.schema({"id": pa.int64()}), batches()), CONTRACT)
    assert not drawn
    next(iter(opened.batches))
    assert len(drawn) <= 2
