"""Files that are small to write and costly to read: refused early, and by a limit that the error names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pytest

from data_platform.errors import DataPlatformError, SchemaMismatch, TooLarge, UnreadableData
from data_platform.settings.read_options import STANDARD
from data_platform.spec.casting.cast import Caster
from data_platform.spec.casting.conversion import extras
from data_platform.spec.schema.types import Kind, ListOf, MapOf, Primitive, SchemaColumn, TableSchema
from data_platform.tables.intake import cast_arguments, open_data, text_source
from data_platform.tables.intake.json import scan
from data_platform.tables.intake.json.scan import Scanner
from data_platform.tables.intake.text_source import TextStream

LIMIT = 5_000
LONG = b"x" * 6_000
TEXT = Primitive(Kind.STRING)
CONTRACT = TableSchema((SchemaColumn("id", Primitive(Kind.LONG)), SchemaColumn("name", TEXT)))
NESTED = TableSchema((*CONTRACT.columns, SchemaColumn("tags", ListOf(TEXT)), SchemaColumn("more", MapOf(TEXT, TEXT))))
LONG_ROWS: dict[str, tuple[Literal["csv", "json"], bytes, int]] = {
    "value of CSV": ("csv", b"id,name\n1,a\n2," + LONG + b"\n3,c\n", 3),
    "value of CSV at its end": ("csv", b"id,name\n1,a\n2," + LONG, 3),
    "quote of CSV that is never closed": ("csv", b'id,name\n1,a\n2,"' + b"2,b\n" * 5_000, 3),
    "name of CSV": ("csv", b"id," + LONG + b"\n1,a\n", 1),
    "values of CSV": ("csv", b"id,name\n" + b"1," * 3_000 + b"1\n", 2),
    "value of JSON": ("json", b'{"id":1}\n{"id":2,"name":"' + LONG + b'"}\n{"id":3}\n', 2),
    "value of 4-byte characters": ("json", b'{"id":1}\n{"id":2,"name":"' + "😀".encode() * 1_500 + b'"}\n', 2),
    "value that is never closed": ("json", b'{"id":1}\n{"id":2,"name":"' + LONG * 10, 2),
    "key of JSON": ("json", b'{"id":1}\n\n{"' + LONG + b'":2}\n', 3),
    "number of JSON": ("json", b'{"id":1.' + b"1" * 6_000 + b"}\n", 1),
    "blanks of JSON": ("json", b'{"id":1}\n{"id":2,' + b" " * 6_000 + b'"name":"a"}\n', 2),
    "lines of JSON": ("json", b'{"id":1}\n{"id":2,' + b"\n" * 6_000 + b'"name":"a"}\n', 2),
    "row of an array": ("json", b'[{"id":1},\n{"id":2,"name":"' + LONG + b'"}]', 2),
    "element of JSON": ("json", b'{"id":1}\n{"id":2,"tags":["a","' + LONG + b'"]}\n', 2),
    "elements of JSON": ("json", b'{"id":1}\n{"id":2,"tags":[' + b'"",' * 2_000 + b'""]}\n', 2),
    "key of a map": ("json", b'{"id":1}\n{"id":2,"more":{"' + LONG + b'":"a"}}\n', 2),
}


def read(data: Any, schema: TableSchema | None, limit: int = LIMIT) -> list[dict[str, Any]]:
    intake = open_data(data, schema, STANDARD, row_limit=limit)
    if schema is None:
        return pa.Table.from_batches(intake.batches, intake.schema).to_pylist()
    caster = Caster(schema, intake.schema, "p.t", **cast_arguments(intake))
    return [row for batch in intake.batches for row in caster.cast(batch).to_pylist()]


def feed(content: bytes, size: int = 700) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


@pytest.mark.parametrize("schema", [NESTED, None], ids=["contract", "inferred"])
@pytest.mark.parametrize("block", [700, 1 << 20])
@pytest.mark.parametrize("name", LONG_ROWS)
def test_a_long_row_is_refused_with_its_line_and_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, block: int, schema: TableSchema | None
) -> None:
    monkeypatch.setattr(text_source, "BLOCK", block)
    monkeypatch.setattr(text_source, "_FIRST", block)
    monkeypatch.setattr(text_source, "_STREAM_BLOCK", block)
    form, content, line = LONG_ROWS[name]
    path = tmp_path / f"a.{form}"
    path.write_bytes(content)
    for data in (path, TextStream(form, feed(content))):
        what = rf"begins in line {line} has at least \d+,\d+ bytes, and a row may have 5,000"
        with pytest.raises(TooLarge, match=what) as error:
            read(data, schema)
        assert "row_mb" in (error.value.hint or "") and len(str(error.value)) < 500


@pytest.mark.parametrize("name", [name for name in LONG_ROWS if "element" in name or "value of" in name])
def test_a_larger_limit_lets_the_row_in(tmp_path: Path, name: str) -> None:
    form, content, _ = LONG_ROWS[name]
    assert read(TextStream(form, feed(content)), NESTED, 10_000)[1]["id"] == 2


@pytest.mark.parametrize("schema", [CONTRACT, None], ids=["contract", "inferred"])
def test_rows_of_a_long_line_that_are_short_are_read(schema: TableSchema | None) -> None:
    content = b"[" + b",".join(b'{"id":%d,"name":"a"}' % number for number in range(2_000)) + b"]"
    assert len(read(TextStream("json", feed(content)), schema)) == 2_000


def test_a_row_of_many_blocks_is_scanned_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    scans = 0
    real = scan._scan

    def count(text: str, at: int) -> Any:
        nonlocal scans
        scans += 1
        return real(text, at)

    monkeypatch.setattr(scan, "_scan", count)
    content = b'{"id":1,' + b" " * 1_000_000 + b'"name":"a"}'
    assert len(next(Scanner(feed(content, 1_000), "a").read_rows())) == 1
    assert scans < 30


def test_rows_are_handed_on_by_their_size_too() -> None:
    content = b'{"name":"' + b"x" * 1_000_000 + b'"}\n'
    rows = Scanner((content for _ in range(100)), "a").read_rows()
    assert max(map(len, rows)) < 12


def test_blanks_after_a_row_are_not_kept() -> None:
    scanner = Scanner(iter([b'{"id":1}', *[b" " * 100_000] * 100, b'\n{"id":2}']), "a")
    longest = 0
    for _ in scanner.read_objects():
        longest = max(longest, len(scanner.text))
    assert scanner.row == 2 and longest < 200_000


def test_a_stream_that_begins_with_blanks_is_not_collected() -> None:
    taken = 0

    def blanks() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(1_000):
            taken += 1
            yield b"\n" * 65_536

    with pytest.raises(UnreadableData, match="is empty"):
        read(TextStream("csv", blanks()), CONTRACT)
    assert taken < 100


WIDE = [f"nam{number}" for number in range(20_000)]
DATA = {
    "csv": lambda names: TextStream("csv", feed((",".join(names) + "\n").encode(), 65_536)),
    "json": lambda names: TextStream("json", feed(json.dumps(dict.fromkeys(names, 1)).encode(), 65_536)),
    "dicts": lambda names: [dict.fromkeys(names, 1)],
    "table": lambda names: pa.table(dict.fromkeys(names, pa.array([1]))),
}


@pytest.mark.long
@pytest.mark.parametrize("form", DATA)
def test_columns_that_the_contract_lacks_are_counted_and_the_first_are_named(
    monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    suggested: list[str] = []
    monkeypatch.setattr(extras, "suggest_name", lambda name, _: suggested.append(name))
    with pytest.raises(SchemaMismatch) as error:
        read(DATA[form](WIDE), CONTRACT, 1 << 20)
    assert len(suggested) <= 20 and len(error.value.mismatches) <= 21
    assert "20,000 columns" in str(error.value) if form == "json" else "19,980 further names" in str(error.value)
    assert len(str(error.value)) < 2_000


@pytest.mark.parametrize("form", DATA)
def test_columns_that_the_data_lacks_are_counted_and_the_first_are_named(form: str) -> None:
    schema = TableSchema(tuple(SchemaColumn(name, Primitive(Kind.LONG), required=True) for name in WIDE[:1_000]))
    with pytest.raises(SchemaMismatch) as error:
        read(DATA[form](["nam7"]), schema)
    assert "979 further names: are missing too" in str(error.value) and "nam0: is missing" in str(error.value)


@pytest.mark.parametrize("form", DATA)
def test_a_wide_table_without_a_schema_is_refused_before_its_types_are_inferred(form: str) -> None:
    with pytest.raises(UnreadableData, match="20,000 columns or more, and without a schema at most 5,000"):
        read(DATA[form](WIDE), None, 1 << 20)


@pytest.mark.parametrize("form", DATA)
def test_a_long_name_is_cut_in_errors(form: str) -> None:
    for schema in (CONTRACT, None):
        try:
            read(DATA[form](["n" * 100_000]), schema, 1 << 20)
        except DataPlatformError as error:
            assert len(str(error)) < 500
