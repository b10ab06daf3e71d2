from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.server.serving import ARROW, open_server, publish, register, write_arrow

VERSIONS = "/products/orders/outputs/t/versions"
DATA = "/products/orders/outputs/t/data"
ROWS = [{"id": 1, "name": "a"}, {"id": 2, "name": None}]
LINES = b'{"id": 1, "name": "a"}\n{"id": 2, "name": null}\n'


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with open_server(tmp_path_factory.mktemp("served") / ".data-platform") as client:
        assert register(client).status_code == 200
        assert publish(client, ROWS).status_code == 200
        yield client


def write_parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), out)
    return out.getvalue()


BODIES = {
    ARROW: write_arrow(ROWS),
    f"{ARROW}; codec=zstd": write_arrow(ROWS, compression="zstd"),
    "application/vnd.apache.parquet": write_parquet(),
    "text/csv": b"id,name\n1,a\n2,\n",
    "application/x-ndjson": LINES,
}


def read_rows(client: httpx.Client) -> list[dict[str, Any]]:
    return [json.loads(line) for line in client.get(DATA).text.splitlines()]


@pytest.mark.parametrize("media_type", BODIES)
def test_data_is_published_in_each_media_type(client: httpx.Client, media_type: str) -> None:
    answer = client.post(VERSIONS, content=BODIES[media_type], headers={"Content-Type": media_type})
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"] == 2
    assert read_rows(client) == ROWS


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_a_packed_body_is_unpacked(client: httpx.Client, codec: str) -> None:
    packed = gzip.compress(LINES) if codec == "gzip" else pa.compress(LINES, "zstd", asbytes=True)
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": codec}
    answer = client.post(VERSIONS, content=packed, headers=headers)
    assert answer.status_code == 200, answer.text
    headers["Content-Encoding"] = "br"
    assert client.post(VERSIONS, content=packed, headers=headers).status_code == 415


def test_a_form_has_the_request_and_the_data(client: httpx.Client) -> None:
    parts = [
        ("request", (None, json.dumps({"allow_empty": True}), "application/json")),
        ("data", ("rows.csv", b"id,name\n7,x\n", "text/csv")),
    ]
    answer = client.post(VERSIONS, files=parts)
    assert answer.status_code == 200, answer.text
    assert read_rows(client) == [{"id": 7, "name": "x"}]
    packed = [parts[0], ("data", ("rows.csv.gz", gzip.compress(b"id,name\n8,y\n"), "application/gzip"))]
    assert client.post(VERSIONS, files=packed).status_code == 200
    assert read_rows(client) == [{"id": 8, "name": "y"}]


def test_a_problem_of_the_data_names_the_callers_file_and_no_path(client: httpx.Client) -> None:
    for name, content, media_type in (
        ("rows.csv", b"id,name\n1\n", "text/csv"),
        ("rows.parquet", b"PAR1 but not whole", "application/vnd.apache.parquet"),
    ):
        parts = [("request", (None, "{}", "application/json")), ("data", (name, content, media_type))]
        answer = client.post(VERSIONS, files=parts)
        assert answer.status_code == 400
        assert name in answer.json()["detail"]
        assert "/tmp" not in answer.text and "data-platform-spill" not in answer.text


@pytest.mark.parametrize(
    "parts",
    [[("data", ("x", b"", "text/csv")), ("more", (None, "x"))], [("other", (None, "x"))], [("request", (None, "{}"))]],
)
def test_a_form_with_other_parts_is_refused(client: httpx.Client, parts: Any) -> None:
    assert client.post(VERSIONS, files=parts).status_code == 400


def test_a_form_that_is_cut_off_publishes_nothing(client: httpx.Client) -> None:
    before = read_rows(client)
    body = b'--b\r\nContent-Disposition: form-data; name="data"\r\nContent-Type: text/csv\r\n\r\nid,name\r\n1,a\r\n'
    answer = client.post(VERSIONS, content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 400
    assert read_rows(client) == before


def test_a_stream_without_its_end_publishes_nothing(client: httpx.Client) -> None:
    answer = client.post(VERSIONS, content=write_arrow(ROWS)[:-8], headers={"Content-Type": ARROW})
    assert (answer.status_code, answer.json()["kind"]) == (400, "UnreadableData")


def test_progress_comes_as_events_that_end_with_the_answer(client: httpx.Client) -> None:
    headers = {"Content-Type": "text/csv", "Accept": "text/event-stream"}
    events = read_events(client.post(VERSIONS, content=b"id,name\n5,x\n", headers=headers).text)
    assert [kind for kind, _ in events][-1] == "answer"
    assert {value["step"] for kind, value in events if kind == "progress"} >= {"promoted"}
    assert events[-1][1]["rows"] == 1


def test_a_refusal_among_events_is_a_problem(client: httpx.Client) -> None:
    headers = {"Content-Type": "text/csv", "Accept": "text/event-stream"}
    events = read_events(client.post(VERSIONS, content=b"id,name\nx,y\n", headers=headers).text)
    kind, problem = events[-1]
    assert (kind, problem["kind"], problem["exit_code"]) == ("problem", "SchemaMismatch", 1)


def read_events(text: str) -> list[tuple[str, Any]]:
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    return [(block[0].removeprefix("event: "), json.loads(block[1].removeprefix("data: "))) for block in blocks]


def test_an_output_without_a_contract_takes_text(client: httpx.Client) -> None:
    text = "name: plain\ndomain: sales\nowner: owner@example.org\ndescription: d\noutputs:\n- name: t\n"
    assert register(client, text).status_code == 200
    headers = {"Content-Type": "text/csv"}
    answer = client.post("/products/plain/outputs/t/versions", content=b"id,day\n1,2026-01-31\n", headers=headers)
    assert answer.status_code == 200, answer.text
    columns = client.get("/products/plain").json()["outputs"][0]["columns"]
    assert [column["type"] for column in columns] == ["long", "date"]


def test_the_same_key_publishes_once(client: httpx.Client) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "once"}
    answers = [client.post(VERSIONS, content=b"id,name\n9,z\n", headers=headers).json() for _ in range(2)]
    assert answers[0] == answers[1]
    other = client.post(VERSIONS, content=b"id,name\n9,zz\n", headers=headers)
    assert (other.status_code, other.json()["kind"]) == (422, "KeyReused")
