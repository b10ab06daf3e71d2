"""What a caller elsewhere sees of where the home is: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from data_platform.engine.interruption import Interruption
from data_platform.errors import StorageFailed
from data_platform.server.places import HOME, hide_path
from data_platform.server.rows.source import AnswerRows
from data_platform.settings import Home
from tests.server.serving import open_server, publish, register

ROWS = [{"id": 1, "name": "a"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/srv/mesh/tables/orders/t", "tables/orders/t"),
        ("see /srv/mesh/keys: it is missing", "see keys: it is missing"),
        ("/srv/mesh can only be read", f"{HOME} can only be read"),
        ("the disk of /srv/mesh/ is full", f"the disk of {HOME}/ is full"),
        ("/srv/mesh-2/tables", "/srv/mesh-2/tables"),
        ("/srv/mesh.old/tables", "/srv/mesh.old/tables"),
        ("/backup/srv/mesh/tables", "/backup/srv/mesh/tables"),
        ("https://example.org/srv/mesh/tables", "https://example.org/srv/mesh/tables"),
        ("no path", "no path"),
    ],
)
def test_a_path_is_relative_to_the_home(text: str, expected: str) -> None:
    assert hide_path(text, "/srv/mesh") == expected


def test_answers_and_errors_name_no_path_of_the_server(tmp_path: Path) -> None:
    home = tmp_path / ".data-platform"
    with open_server(home) as client:
        register(client)
        published = publish(client, ROWS)
        versions = client.get("/products/orders/versions")
        assert published.json()["location"] == versions.json()[0]["location"] == "tables/orders/t"
        assert versions.json()[0]["metadata_location"].startswith("tables/orders/t/metadata/")
        for file in (home / "tables/orders/t/data").glob("*.parquet"):
            file.unlink()
        damaged = client.get("/products/orders/outputs/t/data")
        assert damaged.status_code >= 400
        for answer in (published, versions, damaged):
            assert str(tmp_path) not in answer.text


def test_an_error_amid_rows_names_no_path_either(tmp_path: Path) -> None:
    def read() -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_pylist(ROWS)
        raise StorageFailed(f"{tmp_path}/tables/x.parquet is gone")

    reader = pa.RecordBatchReader.from_batches(pa.RecordBatch.from_pylist(ROWS).schema, read())
    rows = AnswerRows(Home(tmp_path), reader, None, reader.close, lambda: False, Interruption())
    with pytest.raises(StorageFailed) as failure:
        list(rows)
    assert failure.value.message == "tables/x.parquet is gone"
