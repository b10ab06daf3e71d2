"""Folders of Parquet: every file is read or named; tables of others, pipes and links that lead nowhere are refused."""

from __future__ import annotations

import datetime as dt
import os
import re
import socket
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.errors import DataPlatformError, SchemaMismatch, UnreadableData
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.arrow import from_arrow
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema
from data_platform.tables.intake import open_data

LONG, DATE, TEXT = Primitive(Kind.LONG), Primitive(Kind.DATE), Primitive(Kind.STRING)
IDS = TableSchema((SchemaColumn("id", LONG),))
DAYS = TableSchema((SchemaColumn("id", LONG), SchemaColumn("day", DATE), SchemaColumn("shop", TEXT)))


def taken(data: Any, contract: TableSchema | None = None) -> list[dict[str, Any]]:
    opened = open_data(data, contract)
    try:
        schema = contract or from_arrow(opened.schema)
        caster = Caster(schema, opened.schema, "p.t", untyped=opened.untyped)
        return pa.Table.from_batches([caster.cast(batch) for batch in opened.batches], caster.target).to_pylist()
    finally:
        opened.close()


def refusal(data: Any, contract: TableSchema | None = None) -> str:
    with pytest.raises(DataPlatformError) as refused:
        taken(data, contract)
    return str(refused.value)


def write(path: Path, *ids: int, **columns: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"id": pa.array(ids, pa.int64()), **columns}), path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "t").mkdir()
    return tmp_path / "t"


def test_every_suffix_of_parquet_is_read(folder: Path) -> None:
    for number, name in enumerate(("a.parquet", "b.PARQUET", "c.pq", "d.parq", "e.snappy.parquet")):
        write(folder / name, number)
    assert [row["id"] for row in taken(folder)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet.part", "a.parquet.tmp", "a.parquet~", "readme", "a.orc", "a.gz"])
def test_a_file_that_is_no_parquet_is_named(folder: Path, name: str) -> None:
    write(folder / "a.parquet", 1)
    (folder / name).write_bytes(b"x")
    assert f"{folder / name}: not a parquet file by its name" in refusal(folder)


@pytest.mark.parametrize(
    "name", ["_SUCCESS", ".a.parquet.crc", "_metadata", "_common_metadata", ".DS_Store", ".x.parquet"]
)
def test_what_the_writer_noted_is_no_data(folder: Path, name: str) -> None:
    write(folder / "a.parquet", 1)
    (folder / name).write_bytes(b"x")
    assert taken(folder) == [{"id": 1}]


def test_a_folder_that_is_being_written_is_refused(folder: Path) -> None:
    write(folder / "a.parquet", 1)
    (folder / "_temporary").mkdir()
    assert "is being written, or its writing broke off" in refusal(folder)


def test_folders_that_name_columns(folder: Path) -> None:
    write(folder / "day=2026-01-01" / "shop=a%2Fb" / "x.parquet", 1)
    write(folder / "day=__HIVE_DEFAULT_PARTITION__" / "shop=007" / "x.parquet", 2)
    assert taken(folder, DAYS) == [
        {"id": 1, "day": dt.date(2026, 1, 1), "shop": "a/b"},
        {"id": 2, "day": None, "shop": "007"},
    ]


def test_a_number_in_a_folders_name_may_have_zeros_before_it(folder: Path) -> None:
    write(folder / "month=07" / "x.parquet", 1)
    months = TableSchema((SchemaColumn("id", LONG), SchemaColumn("month", LONG)))
    assert taken(folder, months) == [{"id": 1, "month": 7}]


def test_folders_that_name_columns_which_nobody_can_tell(folder: Path) -> None:
    part = write(folder / "day=2026-01-01" / "shop=a" / "x.parquet", 1)
    assert "say day, shop, and no schema says of which type" in refusal(folder)
    assert "day: is not in the contract" in refusal(folder, IDS)
    part.rename(folder / "day=2026-01-01" / "y.parquet")
    write(folder / "day=2026-01-02" / "shop=a" / "x.parquet", 1)
    assert "its folders do not name the columns that those of" in refusal(folder, DAYS)


@pytest.mark.parametrize("value", ["2026-02-30", "1.1.2026", "", "0000-01-01", "%FF", "2026-01-01T00:00:00"])
def test_a_folder_whose_value_is_none_of_the_column(folder: Path, value: str) -> None:
    write(folder / f"day={value}" / "shop=a" / "x.parquet", 1)
    assert value in refusal(folder, DAYS)


def test_a_protected_value_in_a_folders_name_is_not_shown_by_itself(folder: Path) -> None:
    write(folder / "day=x" / "a.parquet", 1)
    message = refusal(folder, TableSchema((SchemaColumn("id", LONG), SchemaColumn("day", DATE, tags=("pii",)))))
    assert "its value in the name of" in message


def test_a_column_that_is_in_the_file_and_in_its_folders_name(folder: Path) -> None:
    write(folder / "day=2026-01-01" / "a.parquet", 1, day=[dt.date(2026, 1, 2)])
    assert "the column day is in the file and in its folder's name" in refusal(folder, DAYS)


def test_a_folder_inside_is_never_skipped(folder: Path) -> None:
    write(folder / "a.parquet", 1)
    write(folder / "b.parquet" / "a.parquet", 2)
    assert f"{folder / 'b.parquet'}: a folder inside the folder" in refusal(folder)
    assert taken(folder / "b.parquet") == [{"id": 2}]


def test_files_at_several_depths(folder: Path) -> None:
    write(folder / "a.parquet", 1)
    write(folder / "day=2026-01-01" / "a.parquet", 2)
    assert "its folders do not name the columns" in refusal(folder, DAYS)


def test_links(folder: Path) -> None:
    write(folder / "day=2026-01-01" / "a.parquet", 1)
    (folder / "day=2026-01-01" / "day=1").symlink_to(folder)
    assert "does a link lead back to the folder?" in refusal(folder, DAYS)
    (folder / "day=2026-01-01" / "day=1").unlink()
    (folder / "day=2026-01-01" / "b.parquet").symlink_to(folder / "nowhere")
    assert "b.parquet: a link that leads nowhere" in refusal(folder, DAYS)
    (folder / "day=2026-01-01" / "b.parquet").unlink()
    (folder / "loop.parquet").symlink_to(folder / "loop.parquet")
    assert "loop.parquet" in refusal(folder, DAYS)
    assert "loop.parquet" in refusal(folder / "loop.parquet", DAYS)


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.jsonl", "a.json", "a.csv.gz"])
def test_a_pipe_is_refused_before_anybody_waits_for_it(folder: Path, name: str) -> None:
    os.mkfifo(folder / name)
    assert "is a pipe, not a file" in refusal(folder / name, IDS)
    if name == "a.parquet":
        assert "is a pipe, not a file" in refusal(folder, IDS)


def test_sockets_and_devices_are_no_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("a.csv")
        assert "is a socket, not a file" in refusal("a.csv", IDS)
    (folder / "zero.csv").symlink_to("/dev/zero")
    assert "is a device, not a file" in refusal(folder / "zero.csv", IDS)


LOGS = {"Delta": "_delta_log/0.json", "Iceberg": "metadata/v1.metadata.json", "Hudi": ".hoodie/hoodie.properties"}


@pytest.mark.parametrize("kind", LOGS)
def test_a_table_of_others_is_refused_whole_and_in_parts(folder: Path, kind: str) -> None:
    log = folder / LOGS[kind]
    log.parent.mkdir()
    log.write_text("{}")
    file = write(folder / "data" / "day=2026-01-01" / "a.parquet", 1)
    for path in (folder, folder / "data", file.parent, file):
        message = refusal(path, DAYS)
        assert f"belongs to a {kind} table" in message and "rows that were deleted" in message


def test_a_folder_called_metadata_makes_no_iceberg_table(folder: Path) -> None:
    (folder / "metadata").mkdir()
    assert taken(write(folder / "a.parquet", 1)) == [{"id": 1}]


def test_columns_that_differ_are_named(folder: Path) -> None:
    write(folder / "a.parquet", 1, name=["x"])
    for columns, message in (
        ({"name": [1]}, "name is int64, not string"),
        ({}, "name is missing"),
        ({"name": ["x"], "more": [1]}, "more is only here"),
    ):
        path = write(folder / "b.parquet", 2, **columns)
        assert f"{path}: its columns differ from those of a.parquet: {message}" in refusal(folder)


def test_a_file_without_rows_among_others(folder: Path) -> None:
    write(folder / "a.parquet")
    write(folder / "b.parquet", 1)
    assert taken(folder) == [{"id": 1}]


def test_the_file_that_is_damaged_is_named(folder: Path) -> None:
    write(folder / "a.parquet", 1)
    whole = write(folder / "b.parquet", *range(1000)).read_bytes()
    for content in (b"", b"PAR1", whole[:-20], whole[:-200] + whole[-100:]):
        (folder / "b.parquet").write_bytes(content)
        assert re.search(r'b\.parquet"? is (empty|a parquet file without|a damaged parquet file)', refusal(folder))


def int96(path: Path, kind: pa.DataType, *values: int | None) -> Path:
    array = pa.array(values, pa.int64()).view(kind)
    table = pa.table({"v": array, "l": pa.ListArray.from_arrays(range(len(array) + 1), array)})
    keys = pa.array([f"k{number}" for number in range(len(array))])
    table = table.append_column("m", pa.MapArray.from_arrays(range(len(array) + 1), keys, array))
    pq.write_table(table, path, use_deprecated_int96_timestamps=True, store_schema=False)
    return path


def test_int96_is_read_over_all_years(tmp_path: Path) -> None:
    far = [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999), dt.datetime(1969, 12, 31), None]
    epoch = dt.datetime(1970, 1, 1)
    micros = [None if moment is None else (moment - epoch) // dt.timedelta(microseconds=1) for moment in far]
    found = taken(int96(tmp_path / "a.parquet", pa.timestamp("us"), *micros))
    assert [row["v"] for row in found] == far
    assert [row["l"] for row in found] == [[moment] for moment in far]


def test_int96_with_nanoseconds_is_refused(tmp_path: Path) -> None:
    for value in (1_000_001, -1):
        path = int96(tmp_path / "a.parquet", pa.timestamp("ns"), 0, None, value)
        with pytest.raises(SchemaMismatch) as refused:
            taken(path)
        assert "v: a timestamp in row 3 has nanoseconds" in str(refused.value)
        assert "l: a timestamp in row 3 has nanoseconds" in str(refused.value)
        assert "m: a timestamp in row 3 has nanoseconds" in str(refused.value)
    assert len(taken(int96(tmp_path / "a.parquet", pa.timestamp("ns"), 0, None, 1_000))) == 3


@pytest.mark.parametrize(("value", "kind"), [("INTERVAL 1 DAY", "INTERVAL"), ("{'a': 1}::VARIANT", "VARIANT")])
def test_a_type_of_parquet_that_arrow_reads_as_its_storage(tmp_path: Path, value: str, kind: str) -> None:
    path = tmp_path / "a.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS id, {value} AS v) TO '{path}'")
    assert f"v: is Parquet's {kind}, which no column type supports" in refusal(path)


def test_no_file_at_all(folder: Path) -> None:
    with pytest.raises(UnreadableData, match="in this folder"):
        taken(folder)
