"""What hostile callers send: each is refused with a problem, and the server answers the next request."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_platform import Platform, Refused, TooLarge, UnreadableData
from data_platform.server.bodies import arrow_messages, arrow_uploads, parquet_uploads, unpacking
from data_platform.server.bodies.arrow_uploads import open_arrow
from data_platform.server.bodies.incoming import IncomingBody
from data_platform.server.problem_replies import HttpProblem
from data_platform.server.process import protocol
from tests.server.serving import ARROW, TOKEN, open_server, publish, register

VERSIONS = "/products/orders/outputs/t/versions"
HEAD = f"Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with open_server(tmp_path_factory.mktemp("served") / ".data-platform") as client:
        assert register(client).status_code == 200
        assert publish(client, [{"id": 1, "name": "a"}]).status_code == 200
        yield client


@pytest.fixture(autouse=True)
def _the_server_lives_on(client: httpx.Client) -> Iterator[None]:
    yield
    assert client.get("/products/orders").status_code == 200


def send_raw(client: httpx.Client, data: bytes) -> bytes:
    """All that the server answers until it closes the connection."""
    place = urlsplit(str(client.base_url))
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        connection.sendall(data)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def get(target: str, more: str = "") -> bytes:
    return f"GET {target} HTTP/1.1\r\n{HEAD}{more}Connection: close\r\n\r\n".encode("latin-1")


def test_a_slow_head_is_cut_off(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    assert status_of(send_raw(client, b"GET /api/v1/domains HTTP/1.1\r\nHost: loc")) == 408
    assert send_raw(client, b"") == b""


def test_a_slow_body_is_cut_off() -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def read() -> None:
        with pytest.raises(HttpProblem) as caught:
            await IncomingBody(receive, patience=0.1).read(1000)
        assert caught.value.status == 408

    start = time.monotonic()
    asyncio.run(read())
    assert time.monotonic() - start < 5


def test_an_oversized_head_is_refused(client: httpx.Client) -> None:
    assert status_of(send_raw(client, get("/api/v1/domains", f"X-Long: {'x' * 70_000}\r\n"))) == 431
    many = "".join(f"X-{number}: {'y' * 100}\r\n" for number in range(1000))
    assert status_of(send_raw(client, get("/api/v1/domains", many))) == 431
    assert status_of(send_raw(client, get("/api/v1/domains?text=" + "x" * 70_000))) == 431


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1/../../etc/passwd",
        "/api/v1/products/%2e%2e/%2e%2e",
        "/api/v1/products/..%2f..%2fetc",
        "/api/v1//products/orders",
        "/api/v1/products/orders%00",
        "/api/v1/products/orders\\..\\x",
        "/api/v1/products/%ff",
        "/api/v1/products/%",
        "/api/v1/products/orders?output=%00",
        "/api/v1/products/orders?output=%ff",
        "/api/v1/products/orders/../orders",
        "http://localhost/api/v1/products/../x",
    ],
)
def test_tricks_with_paths_lead_nowhere(client: httpx.Client, target: str) -> None:
    answer = send_raw(client, get(target))
    assert status_of(answer) in (400, 404)
    assert b"application/problem+json" in answer
    assert b"root:" not in answer


@pytest.mark.parametrize(
    "more",
    [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Content-Length: -1\r\n",
        "Content-Length : 3\r\n",
        "X: a\nb\r\n",
    ],
)
def test_a_body_of_two_lengths_is_refused(client: httpx.Client, more: str) -> None:
    smuggled = b"0\r\n\r\nGET /api/v1/tokens HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = f"POST /api/v1/sql HTTP/1.1\r\n{HEAD}{more}\r\n".encode()
    answer = send_raw(client, head + smuggled)
    assert status_of(answer) == 400
    assert answer.count(b"HTTP/1.1") == 1


def test_a_host_that_the_server_is_not_is_refused(client: httpx.Client) -> None:
    for host in ("evil.example.org", "localhost.evil.example.org", "127.0.0.1.evil.example.org:80"):
        assert client.get("/domains", headers={"Host": host}).status_code == 421
    two = f"GET /api/v1/domains HTTP/1.1\r\nHost: evil.example.org\r\n{HEAD}Connection: close\r\n\r\n"
    assert status_of(send_raw(client, two.encode())) == 400


def test_a_token_in_the_url_is_refused_and_not_logged(client: httpx.Client, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("token", "access_token", "Authorization"):
        answer = client.get("/domains", params={name: "very-secret"})
        assert answer.status_code == 400
        assert "very-secret" not in answer.text
    client.get("/very-secret-path")
    client.post("/sql", json={"query": "SELECT 'very-secret'"}, headers={"Accept": "application/pdf"})
    time.sleep(0.05)
    said = capfd.readouterr()
    assert "very-secret" not in said.out + said.err
    assert '"status": 400' in said.err


def test_json_bombs_are_refused(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (
        b"[" * 100_000,
        b'{"owner": 1' + b"0" * 5000 + b"}",
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"a":1,"a":2}',
    ):
        assert client.put("/domains/sales", content=body, headers=headers).status_code == 400
    large = b'{"owner": "' + b"x" * (16 << 20) + b'"}'
    assert client.put("/domains/sales", content=large, headers=headers).status_code == 413


def test_a_yaml_bomb_is_refused(client: httpx.Client) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 8)}]\n" for n in range(9)
    )
    answer = client.put("/products/a/contract", content=bomb, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 400


def test_a_gzip_bomb_is_refused(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_FREE_BYTES", 100_000)
    bomb = gzip.compress(b"id,name\n" + b"1,a\n" * 2_000_000)
    headers = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
    answer = client.post(VERSIONS, content=bomb, headers=headers)
    assert (answer.status_code, answer.json()["kind"]) == (413, "TooLarge")
    cut = client.post(VERSIONS, content=gzip.compress(b"id,name\n1,a\n")[:-6], headers=headers)
    assert (cut.status_code, cut.json()["kind"]) == (400, "UnreadableData")


@pytest.mark.parametrize("packed", [False, True])
def test_a_long_row_is_refused_with_its_line(client: httpx.Client, packed: bool) -> None:
    for media_type, content in (
        ("text/csv", b"id,name\n1,a\n2," + b"x" * (9 << 20) + b"\n"),
        ("application/x-ndjson", b'{"id":1}\n\n{"id":2,"' + b"x" * (9 << 20) + b'":1}\n'),
    ):
        headers = {"Content-Type": media_type, **({"Content-Encoding": "gzip"} if packed else {})}
        answer = client.post(VERSIONS, content=gzip.compress(content, 1) if packed else content, headers=headers)
        assert (answer.status_code, answer.json()["kind"]) == (413, "TooLarge")
        assert "that begins in line 3 has at least" in answer.json()["detail"]
        assert "row_mb" in answer.json()["hint"]


def test_an_archive_is_no_data(client: httpx.Client) -> None:
    answer = client.post(VERSIONS, content=b"PK\x03\x04" + b"\0" * 100, headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["kind"]) == (400, "UnreadableData")
    assert client.post(VERSIONS, content=b"PK", headers={"Content-Type": "application/zip"}).status_code == 415


def write_stream(table: pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return out.getvalue()


def read_all(data: bytes) -> None:
    list(open_arrow(iter([data])).batches)


def test_an_arrow_stream_that_states_huge_sizes_is_refused() -> None:
    data = write_stream(pa.table({"id": list(range(1000))}))
    with pytest.raises(TooLarge):
        read_all(struct.pack("<Ii", 0xFFFFFFFF, 1 << 30) + data[8:])
    packed = bytearray(write_stream(pa.table({"id": [1] * 100_000}), compression="zstd"))
    start = packed.rindex(struct.pack("<q", 800_000))
    packed[start : start + 8] = struct.pack("<q", 1 << 40)
    with pytest.raises(TooLarge, match="unpacked"):
        read_all(bytes(packed))


def test_arrow_values_that_share_bytes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_uploads, "LARGEST_BATCH", 1 << 20)
    shared = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), pa.array(["x" * 1000]))
    view = pa.array(["x" * 1000] * 10_000, pa.string_view())
    for column in (shared, view, pa.StructArray.from_arrays([shared], ["inner"])):
        with pytest.raises(TooLarge, match="10,000,000 bytes"):
            read_all(write_stream(pa.table({"name": column})))


def test_an_arrow_batch_of_rows_without_bytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_messages, "MOST_ROWS", 1000)
    with pytest.raises(TooLarge, match="rows"):
        read_all(write_stream(pa.table({"name": pa.nulls(100_000)})))


def test_damaged_arrow_is_refused_before_it_is_read() -> None:
    table = pa.table({"name": ["abc", "de", None], "list": [[1], [2, 3], []]})
    data = write_stream(table)
    read_all(data)
    for place in range(0, len(data), 7):
        broken = bytearray(data)
        broken[place] ^= 0xFF
        try:
            read_all(bytes(broken))
        except (UnreadableData, TooLarge):
            continue


def test_arrow_types_that_stand_for_any_number_of_values_are_refused(client: httpx.Client) -> None:
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([1 << 20], pa.int32()), pa.array([1]))
    answer = client.post(VERSIONS, content=write_stream(pa.table({"id": runs})), headers={"Content-Type": ARROW})
    assert (answer.status_code, answer.json()["kind"]) == (422, "SchemaMismatch")


def test_parquet_bombs_are_refused(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"Content-Type": "application/vnd.apache.parquet"}
    monkeypatch.setattr(parquet_uploads, "_LONGEST_VALUE", 100)
    monkeypatch.setattr(arrow_uploads, "LARGEST_BATCH", 1 << 20)
    out = io.BytesIO()
    pq.write_table(pa.table({"id": [1] * 5000, "name": ["x" * 1000] * 5000}), out)
    answer = client.post(VERSIONS, content=out.getvalue(), headers=headers)
    assert (answer.status_code, answer.json()["kind"]) == (413, "TooLarge")
    monkeypatch.setattr(parquet_uploads, "_FREE_BYTES", 1000)
    monkeypatch.setattr(parquet_uploads, "_MOST_TIMES", 1)
    out = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(100_000))}), out, compression="zstd", use_dictionary=False)
    assert client.post(VERSIONS, content=out.getvalue(), headers=headers).status_code == 413


def test_no_field_makes_the_server_call_an_address(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidence and files may be URLs: they are kept as text, and nothing is fetched."""
    called: list[Any] = []
    address = ("203.0.113.7", 80)
    real = socket.socket.connect

    def connect(self: socket.socket, place: Any) -> None:
        if isinstance(place, tuple) and place[0] == address[0]:
            called.append(place)
        real(self, place)

    monkeypatch.setattr(socket.socket, "connect", connect)
    url = f"http://{address[0]}/x"
    file = {"path": url, "text": f"name: a\noutputs:\n- name: t\n  schema: {url}\n", "schemas": {}}
    assert client.put("/products/a/contract", json={"file": file}).status_code == 400
    sql = client.post("/sql", json={"query": f"SELECT * FROM read_parquet('{url}')"})
    assert sql.status_code == 400
    evidence = {"policy": "p", "evidence": url, "until": "2030-01-01"}
    assert client.post("/products/orders/attestations", json=evidence).status_code < 500
    assert called == []


def test_a_case_of_a_policy_opens_no_file_of_the_server(client: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "product.yaml").write_text("secret: of the server\n")
    rule = "rule: {type: metadata-check, condition: ASSERT product.name = 'x'}"
    for path in ("/etc/passwd", str(tmp_path), str(tmp_path / "absent")):
        text = f"policies:\n- name: p\n  {rule}\n  cases: [{{product: '{path}', expect: pass, previous: '{path}'}}]\n"
        for origin in ("policies.yaml", f"{tmp_path}/policies.yaml"):
            answer = client.put("/policies", json={"file": {"origin": origin, "text": text}})
            assert answer.status_code == 200, answer.text
            assert "secret" not in answer.text and "root:" not in answer.text


def test_a_client_plays_the_cases_that_name_its_own_files(client: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "product.yaml").write_text("name: other\ndomain: d\nowner: o\noutputs: [{name: t}]\n")
    rule = "rule: {type: metadata-check, condition: ASSERT product.name = 'x'}"
    text = f"policies:\n- name: p\n  {rule}\n  cases: [{{product: product.yaml, expect: pass}}]\n"
    (tmp_path / "policies.yaml").write_text(text)
    url = str(client.base_url).removesuffix("/api/v1/")
    with Platform.connect(url, TOKEN) as mesh, pytest.raises(Refused, match="cases of the policies fail"):
        mesh.apply_policies(tmp_path / "policies.yaml")


def test_a_host_with_a_port_that_is_none_is_refused(client: httpx.Client) -> None:
    for port in ("99999", "abc", "80@evil.example", "80, evil.example", "1@x"):
        host = f"127.0.0.1:{port}"
        assert client.get("/domains", headers={"Host": host}).status_code == 421


def test_a_response_has_headers_that_keep_browsers_safe(client: httpx.Client) -> None:
    headers = client.get("/domains").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store" or "private" in headers["cache-control"]
    assert "access-control-allow-origin" not in client.get("/domains", headers={"Origin": "https://x.org"}).headers
    assert json.loads(client.get("/domains").text) is not None
