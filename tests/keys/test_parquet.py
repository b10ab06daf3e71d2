"""Parquet Modular Encryption: sealed columns open with their key alone, the others without any."""

from __future__ import annotations

import secrets
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from data_platform.keys.parquet import build_encryption_properties
from data_platform.keys.unsealer import Unsealer

FOOTER, EMAIL, TAGS = "p/t", "p/t/email", "p/t/tags"
KEYS = {key_id: secrets.token_bytes(32) for key_id in (FOOTER, EMAIL, TAGS)}
ROWS = pa.table({"id": [1, 2], "email": ["ana@example.com", "bo@example.com"], "tags": [["red"], ["blue", "red"]]})
SECRETS = (b"ana@example.com", b"bo@example.com", b"blue")


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "sealed.parquet"
    sealing = build_encryption_properties(KEYS, FOOTER, {EMAIL: ["email"], TAGS: ["tags.list.element"]})
    with pq.ParquetWriter(path, ROWS.schema, encryption_properties=sealing) as writer:
        writer.write_table(ROWS)
    return path


def test_with_the_keys_the_rows_come_back(sealed: Path) -> None:
    assert pq.read_table(sealed, decryption_properties=Unsealer(KEYS).build_properties()) == ROWS
    assert ds.dataset(sealed, format=Unsealer(KEYS).build_dataset_format()).to_table() == ROWS


def test_no_value_stands_in_the_file(sealed: Path) -> None:
    content = sealed.read_bytes()
    assert not [value for value in SECRETS if value in content]


def test_the_other_columns_are_readable_without_any_key(sealed: Path) -> None:
    assert pq.read_table(sealed, columns=["id"])["id"].to_pylist() == [1, 2]
    assert pl.scan_parquet(sealed).select("id").collect()["id"].to_list() == [1, 2]
    assert duckdb.execute("SELECT sum(id) FROM read_parquet($file)", {"file": str(sealed)}).fetchone() == (3,)


@pytest.mark.parametrize("column", ["email", "tags"])
def test_without_its_key_a_column_cannot_be_read(sealed: Path, column: str) -> None:
    with pytest.raises(OSError, match="decr"):
        pq.read_table(sealed, columns=[column])


def test_one_column_s_key_does_not_open_another(sealed: Path) -> None:
    keys = KEYS | {EMAIL: secrets.token_bytes(32)}
    read = Unsealer(keys).build_properties()
    assert pq.read_table(sealed, columns=["tags"], decryption_properties=read)["tags"] == ROWS["tags"]
    with pytest.raises(KeyError, match="p/t/email") as caught:
        pq.read_table(sealed, columns=["email"], decryption_properties=Unsealer(keys).build_properties())
    shown = str(caught.value)
    assert not any(key.hex() in shown or repr(key)[2:-1] in shown for key in keys.values())


def test_a_byte_changed_on_disk_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "sealed.parquet"
    rows = pa.table({"email": [secrets.token_hex() for _ in range(2_000)]})
    sealing = build_encryption_properties(KEYS, FOOTER, {EMAIL: ["email"]})
    with pq.ParquetWriter(path, rows.schema, encryption_properties=sealing) as writer:
        writer.write_table(rows)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(OSError, match="decr"):
        pq.read_table(path, decryption_properties=Unsealer(KEYS).build_properties())
