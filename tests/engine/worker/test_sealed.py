"""Encrypted columns: read when a rule needs them, and only then."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform.access.view import TableView
from data_platform.engine.source import ParquetSource
from data_platform.engine.worker import Answer, SqlWorker, WorkerQuery
from data_platform.engine.worker.messages import open_request
from data_platform.keys.parquet import build_encryption_properties
from data_platform.spec.access.masks import REDACT, Mask, MaskKind
from data_platform.spec.access.row_filters import ColumnComparison, Comparator
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


def test_a_view_filters_by_an_encrypted_column_that_it_does_not_show(worker: SqlWorker, tmp_path: Path) -> None:
    """Its key is needed for every query, and a mask in its place is read without one."""
    condition = ColumnComparison("email", Comparator.EQUAL, "b@x.org")
    source = sealed(tmp_path / "people.parquet", KEYS)
    queries = ["SELECT count(*) FROM people", "SELECT count(*) FROM people WHERE email = '***'"]
    for keys, answers in ((KEYS, [1, 1]), (WRONG, [None, None])):
        shown = replace(source, keys=keys, view=TableView({"email": REDACT}, condition))
        values = worker.run({("people",): shown}, [WorkerQuery(sql) for sql in queries], 30.0)
        assert [answer.value for answer in values] == answers
    assert "the encrypted email cannot be read" in str(values[0].error)


def test_masks_are_made_in_the_worker(worker: SqlWorker, tmp_path: Path) -> None:
    """The worker gets the key of the mesh only with a view that hashes."""
    source = replace(sealed(tmp_path / "people.parquet", KEYS), fetch_mask_key=lambda: b"k" * 32)
    shown = replace(source, view=TableView({"email": Mask(MaskKind.HASH)}))
    (answer,) = worker.run({("people",): shown}, [WorkerQuery("SELECT email FROM people", "rows")], 30.0)
    hashes = [row["email"] for row in answer.rows or ()]
    assert [len(str(one)) for one in hashes] == [64, 64, 4, 64]
    assert open_request({("people",): source})["tables"][0]["mask_key"] is None
    assert open_request({("people",): shown})["tables"][0]["mask_key"] is not None


def test_a_table_that_is_read_decrypted_has_no_masked_column(worker: SqlWorker, tmp_path: Path) -> None:
    """Whatever name a query finds for it."""
    masked = replace(sealed(tmp_path / "people.parquet", KEYS), view=TableView({"order_id": REDACT}))
    names = "SELECT count(*) FROM duckdb_columns() WHERE column_name = 'order_id' AND schema_name = 'main'"
    (answer,) = worker.run({("people",): masked}, [WorkerQuery("SELECT sum(order_id) FROM people")], 30.0)
    assert "NULL" in str(answer.error) or answer.value is None
    (answer,) = worker.run({("people",): masked}, [WorkerQuery(f"{names} AND data_type = 'BIGINT'")], 30.0)
    assert answer.value == 2  # the two views, in which it is a constant
