from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform import Platform
from data_platform.errors import QueryFailed
from tests.server.serving import ARROW, SCHEMA, TOKEN, open_server, publish, register


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    home: Path = tmp_path_factory.mktemp("served") / ".data-platform"
    with open_server(home) as client:
        assert register(client).status_code == 200
        assert publish(client, [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]).status_code == 200
        yield client


def test_a_request_without_a_token_is_401(client: httpx.Client) -> None:
    answer = httpx.get(f"{client.base_url}domains")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["kind"] == "NotAuthenticated"


def test_an_answer_is_json_with_the_id_of_its_request(client: httpx.Client) -> None:
    answer = client.get("/products/orders", headers={"X-Request-Id": "mine-1"})
    assert answer.json()["name"] == "orders"
    assert answer.headers["x-request-id"] == "mine-1"


def test_products_and_the_versions_of_an_output_are_where_they_are_expected(client: httpx.Client) -> None:
    assert client.get("/products").json() == client.get("/search").json()
    assert [version["version"] for version in client.get("/products/orders/outputs/t/versions").json()] == [1]
    assert client.get("/products/orders/outputs/-/versions").json() == client.get("/products/orders/versions").json()
    assert client.get("/products/orders/outputs/other/versions").status_code == 404


def test_an_error_of_a_verb_is_a_problem_with_its_hint(client: httpx.Client) -> None:
    answer = client.get("/products/order")
    assert answer.status_code == 404
    assert "orders" in answer.json()["hint"]


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/products/orders/outputs/t/data/more", 404)])
def test_a_path_without_a_route_is_a_problem(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_method_that_a_path_lacks_is_405_and_says_which_it_has(client: httpx.Client) -> None:
    answer = client.post("/domains", json={})
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_rows_come_as_an_arrow_stream_with_the_answer_in_its_schema(client: httpx.Client) -> None:
    answer = client.get("/products/orders/outputs/-/data", headers={"Accept": ARROW})
    reader = pa.ipc.open_stream(answer.content)
    assert reader.read_all().to_pylist() == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    assert b'"version":1' in reader.schema.metadata[b"data_platform.answer"]


def test_the_ticket_of_a_consume_names_no_file_and_no_key(client: httpx.Client) -> None:
    for path in ("data", "versions/1/data", "versions/latest/data"):
        ticket = client.get(f"/products/orders/outputs/t/{path}", headers={"Accept": "application/json"}).json()
        assert (ticket["version"], ticket["files"], ticket["footer_key"], ticket["encrypted"]) == (1, [], None, {})


def test_rows_are_json_lines_unless_the_caller_asks_for_something_else(client: httpx.Client) -> None:
    answer = client.get("/products/orders/outputs/t/data")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text == '{"id": 1, "name": "a"}\n{"id": 2, "name": "b"}\n'
    csv = client.get("/products/orders/outputs/t/data?columns=name", headers={"Accept": "text/csv"})
    assert csv.text == '"name"\n"a"\n"b"\n'
    parquet = client.get(
        "/products/orders/outputs/t/data", headers={"Accept": "application/vnd.apache.parquet, text/csv;q=0.1"}
    )
    assert pq.read_table(io.BytesIO(parquet.content)).to_pylist() == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]


@pytest.mark.parametrize("value", ["'infinity'::TIMESTAMP", "DATE '0044-03-15 (BC)'", "DATE '12000-01-01'"])
def test_a_date_beyond_python_does_not_break_the_answer_off(client: httpx.Client, value: str) -> None:
    for accept in ("text/csv", "application/x-ndjson"):
        answer = client.post("/sql", json={"query": f"SELECT {value} AS x"}, headers={"Accept": accept})
        text = answer.text.strip().splitlines()[-1]
        written = json.loads(text)["x"] if accept.endswith("json") else text.strip('"')
        back = client.post("/sql", json={"query": f"SELECT '{written}' = {value} AS same"})
        assert (answer.status_code, back.json()) == (200, {"same": True})


@pytest.mark.parametrize("value", ["TIME '24:00'", f"{2**127 - 1}::HUGEINT", "'1'::BIT", "union_value(a := 1)"])
@pytest.mark.parametrize("accept", ["text/csv", "application/x-ndjson", ARROW, "application/vnd.apache.parquet"])
def test_what_no_answer_can_have_is_refused_before_its_status(client: httpx.Client, value: str, accept: str) -> None:
    answer = client.post("/sql", json={"query": f"SELECT {value} AS x"}, headers={"Accept": accept})
    assert (answer.status_code, "column x" in answer.json()["detail"]) == (400, True)


LATE = "SELECT CASE WHEN i = 150000 THEN TIME '24:00' END AS x, i FROM range(200000) AS t(i)"


@pytest.mark.parametrize("accept", ["text/csv", "application/x-ndjson"])
@pytest.mark.parametrize("version", [10, 11])
def test_an_answer_that_is_cut_is_none_to_its_reader(client: httpx.Client, accept: str, version: int) -> None:
    caller = HTTPConnection(client.base_url.host, client.base_url.port)
    caller._http_vsn, caller._http_vsn_str = version, f"HTTP/{version / 10}"  # type: ignore[attr-defined]
    headers = {"Accept": accept, "Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
    headers |= {"Host": client.base_url.host} if version == 10 else {}
    with closing(caller):
        caller.request("POST", "/api/v1/sql", json.dumps({"query": LATE}), headers)
        answer = caller.getresponse()
        assert answer.status == 200
        with pytest.raises(IncompleteRead):
            answer.read()


def test_a_client_says_which_value_has_cut_the_answer(client: httpx.Client) -> None:
    url = str(client.base_url).removesuffix("/api/v1/")
    with Platform.connect(url, TOKEN) as mesh, pytest.raises(QueryFailed) as failure:
        mesh.sql(LATE).to_arrow()
    assert "the column x has a time of 24:00 in row 150,001, which cannot be returned" in str(failure.value)


def test_what_no_answer_is_in_is_406(client: httpx.Client) -> None:
    assert client.get("/products/orders/outputs/t/data", headers={"Accept": "image/png"}).status_code == 406
    assert client.get("/domains", headers={"Accept": "text/html"}).status_code == 406


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_a_codec_is_used_where_the_caller_asks_for_it(client: httpx.Client, codec: str) -> None:
    answer = client.get("/products/orders/outputs/t/data", headers={"Accept": f"{ARROW}; codec={codec}"})
    assert pa.ipc.open_stream(answer.content).read_all().num_rows == 2


@pytest.mark.long
def test_the_rows_of_a_query_come_as_a_stream(client: httpx.Client) -> None:
    query = {"query": "SELECT max(id) AS most FROM orders.t"}
    answer = client.post("/sql", json=query, headers={"Accept": ARROW})
    assert pa.ipc.open_stream(answer.content).read_all().to_pylist() == [{"most": 2}]


def test_a_product_is_registered_as_its_files_lie_in_a_repository(client: httpx.Client) -> None:
    text = "name: plain\ndomain: sales\nowner: owner@example.org\ndescription: d\noutputs:\n- name: t\n"
    yaml = client.put("/products/plain/contract", content=text, headers={"Content-Type": "application/yaml"})
    assert yaml.json()["created"] is True
    files = {
        "file": ("product.yaml", text.replace("plain", "formed") + "  schema: schemas/t.json\n"),
        "schema": ("schemas/t.json", SCHEMA),
    }
    form = client.put("/products/formed/contract", files=files)
    assert form.status_code == 200, form.text
    assert client.put("/products/formed/contract", files={"other": ("a", "b")}).status_code == 400
    other = client.put("/products/other/contract", files=files)
    assert (other.status_code, other.json()["detail"]) == (400, other.json()["detail"])
    assert "names" in other.json()["detail"]
    problem = client.put("/products/x/contract", content="name: [", headers={"Content-Type": "application/yaml"}).json()
    assert problem["problems"][0]["line"] > 0


def test_lineage_of_other_tools_is_taken_as_their_clients_send_it(client: httpx.Client) -> None:
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-29T06:00:00Z",
        "run": {"runId": "018c7a5e-0000-7000-8000-000000000001"},
        "job": {"namespace": "airflow", "name": "orders.load"},
        "outputs": [{"namespace": "data-platform", "name": "orders.t"}],
        "producer": "https://github.com/apache/airflow",
    }
    for body in (event, [event, event], {"events": [event]}):
        answer = client.post("/lineage", json=body)
        assert (answer.status_code, answer.json()["outputs"]) == (200, ["orders.t"])
    assert client.post("/lineage", json={"eventType": "COMPLETE"}).json()["ignored"][0]["number"] == 0


def test_a_server_that_ends_closes_each_connection_after_its_response(tmp_path: Path) -> None:
    with open_server(tmp_path / ".data-platform", is_ending=lambda: True) as client:
        assert client.get("/domains").headers["connection"] == "close"
        assert client.get("/none").headers["connection"] == "close"
