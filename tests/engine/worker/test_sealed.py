"""Encrypted columns: read when a rule needs them, and only then."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.engine.source import ParquetSource
from data_platform.engine.worker import Answer, SqlWorker, WorkerQuery
from data_platform.keys.parquet import build_encryption_properties
from tests.engine.worker.conftest import Tables

KEYS = {"footer": secrets.token_bytes(32), "email": secrets.token_bytes(32)}
WRONG = {"footer": KEYS["footer"], "email": secrets.token_bytes(32)}
EMAILS = ["a@x.org", "b@x.org", None, "nobody"]


def sealed(path: Path, keys: Mapping[str, bytes]) -> ParquetSource:
    """A table whose first column is encrypted."""
    table = pa.table({"email": EMAILS, "order_id": [1, 2, 3, 4]})
    properties = build_encryption_properties(KEYS, "footer", {"email": ["email"]})
    pq.write_table(table, path, encryption_properties=properties)
    return ParquetSource((str(path),), table.schema, frozenset({"email"}), keys)


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return {("people",): sealed(tmp_path_factory.mktemp("sealed") / "people.parquet", KEYS)}


def test_rules_read_encrypted_columns_as_if_they_were_not(worker: SqlWorker, people: Tables) -> None:
    queries = [
        ("SELECT count(*) FROM people WHERE email IS NULL", 1),
        ("SELECT count(*) FROM people WHERE order_id > 2", 2),
        ("SELECT count(*) FROM people WHERE email NOT LIKE '%@%'", 1),
        ("SELECT count(*) FROM people", 4),
        ("SELECT count(*) FROM (SELECT DISTINCT * FROM people)", 4),
        ("SELECT count(people) FROM people", 4),
        ("SELECT count(*) FROM people a JOIN people b ON a.email = b.email", 3),
        ("SELECT sum(length(email)) FROM people WHERE order_id = 4", 6),
        ("SELECT 100e0 * (SELECT count(*) FROM people WHERE email IS NULL) / (SELECT count(*) FROM people)", 25),
        ("SELECT count(DISTINCT COLUMNS('em.*')) FROM people", 3),
    ]
    answers = worker.run(people, [WorkerQuery(sql) for sql, _ in queries], 30.0)
    assert [(answer.error, answer.value) for answer in answers] == [(None, value) for _, value in queries]
    for sql, value in queries:
        assert worker.run(people, [WorkerQuery(sql)], 30.0) == [Answer(value=value)]


def test_rows_show_the_columns_in_the_contracts_order(worker: SqlWorker, people: Tables) -> None:
    (answer,) = worker.run(people, [WorkerQuery("SELECT * FROM people WHERE order_id = 2", "rows")], 30.0)
    assert answer == Answer(columns=("email", "order_id"), rows=({"email": "b@x.org", "order_id": 2},))


def test_a_rule_that_needs_no_key_asks_for_none(worker: SqlWorker, tmp_path: Path) -> None:
    """With the wrong key only the rule that reads the column fails, and no key shows in its error."""
    source = {("people",): sealed(tmp_path / "people.parquet", WRONG)}
    queries = ["SELECT count(*) FROM people WHERE order_id > 2", "SELECT count(*) FROM people WHERE email IS NULL"]
    clear, touching = worker.run(source, [WorkerQuery(sql) for sql in queries], 30.0)
    assert clear == Answer(value=2)
    assert "the encrypted email cannot be read" in str(touching.error)
    missing = {("people",): replace(source[("people",)], keys={})}
    still_clear, keyless = worker.run(missing, [WorkerQuery(sql) for sql in queries], 30.0)
    assert still_clear == clear
    assert "the encrypted email cannot be read" in str(keyless.error)
    for key in WRONG.values():
        assert key.hex() not in str(touching)
        assert repr(key) not in str(touching)


def test_keys_do_not_show_in_what_is_printed(people: Tables) -> None:
    assert all(repr(key) not in repr(people) for key in KEYS.values())


def test_a_table_may_be_encrypted_as_a_whole_or_have_no_files(worker: SqlWorker, tmp_path: Path) -> None:
    table = pa.table({"email": EMAILS})
    properties = build_encryption_properties(KEYS, "footer", {"email": ["email"]})
    pq.write_table(table, tmp_path / "all.parquet", encryption_properties=properties)
    whole = ParquetSource((str(tmp_path / "all.parquet"),), table.schema, frozenset({"email"}), KEYS)
    tables = {("people",): whole, ("nobody",): replace(whole, files=())}
    queries = ["people", "people WHERE email IS NULL", "nobody", "nobody WHERE email IS NULL"]
    answers = worker.run(tables, [WorkerQuery(f"SELECT count(*) FROM {query}") for query in queries], 30.0)
    assert answers == [Answer(value=value) for value in (4, 1, 0, 0)]
