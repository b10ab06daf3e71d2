"""Files as a source."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.errors import BadInput, NotFound, UnreadableData
from data_platform.pipelines.sources import read_source
from data_platform.settings import FilesSource, Settings, Template
from data_platform.settings.read_options import ReadOptions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "exports"
    path.mkdir()
    return path


def settings(folder: Path, path: str = "exports", **options: object) -> Settings:
    source = FilesSource("exports", Template(path, "source 'exports'"), folder.parent, ReadOptions(**options))  # type: ignore[arg-type]
    return Settings(folder.parent, sources={"exports": source})


def read(folder: Path, table: str, **options: object) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = read_source(settings(folder, **options), "exports", table).to_pylist()  # type: ignore[arg-type]
    return rows


def test_csv_with_inferred_types_and_nulls(folder: Path) -> None:
    (folder / "orders.csv").write_text('id,day,note\n1,2026-01-02,"a\nb"\n2,NULL,""\n3,,NULL\n')
    assert read(folder, "orders") == [
        {"id": 1, "day": date(2026, 1, 2), "note": "a\nb"},
        {"id": 2, "day": None, "note": ""},
        {"id": 3, "day": None, "note": None},
    ]


def test_csv_in_another_dialect(folder: Path) -> None:
    (folder / "orders.csv").write_text("id;note\n1;NULL\n2;-\n")
    assert read(folder, "orders", delimiter=";", nulls=("-",)) == [{"id": 1, "note": "NULL"}, {"id": 2, "note": None}]


def test_parquet(folder: Path) -> None:
    table = pa.table({"id": [1, 2], "amount": pa.array([None, 2.5])})
    pq.write_table(table, folder / "orders.parquet")
    assert read_source(settings(folder), "exports", "orders").equals(table)


@pytest.mark.parametrize("suffix", ["jsonl", "ndjson"])
def test_json_lines(folder: Path, suffix: str) -> None:
    (folder / f"orders.{suffix}").write_text('{"id": 1, "tags": ["a"]}\n{"id": 2}\n')
    assert read(folder, "orders") == [{"id": 1, "tags": ["a"]}, {"id": 2, "tags": None}]


def test_the_folder_may_be_named_by_a_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPORTS", str(folder))
    (folder / "orders.csv").write_text("id\n1\n")
    assert read(folder, "orders", path="${EXPORTS}") == [{"id": 1}]


@pytest.mark.parametrize(
    "table", ["../secret", "a/b", "/etc/passwd", "..", ".hidden", "", "a\0b", "a\\b", "~", "x" * 300, "a..b", "a\nb"]
)
def test_a_path_is_no_table(folder: Path, table: str) -> None:
    (folder.parent / "secret.csv").write_text("id\n1\n")
    with pytest.raises(BadInput, match="no table's name"):
        read(folder, table)


def test_a_symlink_out_of_the_folder_is_refused(folder: Path) -> None:
    (folder.parent / "secret.csv").write_text("id\n1\n")
    (folder / "orders.csv").symlink_to(folder.parent / "secret.csv")
    with pytest.raises(BadInput, match="leads out"):
        read(folder, "orders")


def test_two_files_of_one_name_are_refused(folder: Path) -> None:
    (folder / "orders.csv").write_text("id\n1\n")
    (folder / "orders.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(BadInput, match=r"orders\.csv and orders\.jsonl"):
        read(folder, "orders")


def test_an_unknown_table_names_the_nearest(folder: Path) -> None:
    (folder / "orders.csv").write_text("id\n1\n")
    with pytest.raises(NotFound, match="did you mean 'orders'"):
        read(folder, "oders")


def test_a_missing_folder_is_said(folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(NotFound, match=r"no folder .*exports"):
        read(folder, "orders")


@pytest.mark.parametrize(
    ("name", "text"), [("a.csv", "id,b\n1\n"), ("a.csv", ""), ("a.jsonl", "{"), ("a.parquet", "PAR1")]
)
def test_what_cannot_be_read_is_said_with_its_file(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    with pytest.raises(UnreadableData, match=rf"exports/{name}"):
        read(folder, "a")


def test_an_undeclared_source_is_said(folder: Path) -> None:
    with pytest.raises(NotFound, match="did you mean 'exports'"):
        read_source(settings(folder), "export", "orders")


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("id;total\n1;2\n", 'delimiter = ";"'),
        ("id\ttotal\n1\t2\n", 'delimiter = "\\t"'),
        ("id,id\n1,2\n", 'columns = ["NAME", "NAME", "…"]'),
        ('id,total\n1,a"b\n', 'quote = ""'),
    ],
)
def test_hints_name_the_key_of_settings(folder: Path, content: str, key: str) -> None:
    (folder / "orders.csv").write_text(content)
    with pytest.raises(UnreadableData) as caught:
        read(folder, "orders")
    assert f"`{key}` under `[sources.exports]` in settings.toml" in str(caught.value.hint)
    assert "--" not in str(caught.value.hint)


def test_the_encoding_of_a_source_is_a_key_too(folder: Path) -> None:
    (folder / "orders.csv").write_bytes("id,näme\n1,é\n".encode("latin-1"))
    with pytest.raises(UnreadableData) as caught:
        read(folder, "orders")
    assert '`encoding = "windows-1252"` under `[sources.exports]`' in str(caught.value.hint)


def test_a_workbook_in_a_source_is_named(folder: Path) -> None:
    (folder / "orders.xlsx").write_bytes(b"PK")
    with pytest.raises(NotFound, match="Excel workbook") as caught:
        read(folder, "orders")
    assert caught.value.hint == "save the sheet as CSV (UTF-8)"
