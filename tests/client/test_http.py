"""What a client says when the other side is not a server of ours, and what it sends."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys

import pyarrow as pa
import pytest

from data_platform import Platform
from data_platform.errors import BadInput, DataPlatformError, NotAuthenticated, NotFound, QueryFailed, ServerFailed
from data_platform.verbs.wire.problems import encode_problem
from tests.client.conftest import Fake

PROBLEM = {"Content-Type": "application/problem+json"}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_platform.client.http._PAUSES", (0, 0))


def ask(fake: Fake) -> object:
    with Platform.connect(fake.url, "dp_secret") as mesh:
        return mesh.subscriptions()


def failure_of(fake: Fake) -> ServerFailed:
    with pytest.raises(ServerFailed) as failure:
        ask(fake)
    assert "secret" not in str(failure.value)
    assert failure.value.hint
    return failure.value


def test_an_answer_is_read(fake: Fake) -> None:
    fake.headers, fake.body = {"Content-Type": "application/json; charset=utf-8"}, b"[]"
    assert ask(fake) == []
    ((method, path, headers, _),) = fake.seen
    assert (method, path) == ("GET", "/api/v1/subscriptions?limit=1000")
    assert headers["Authorization"] == "Bearer dp_secret"
    assert headers["User-Agent"].startswith("data-platform/")


def test_nothing_is_sent_before_the_first_call(fake: Fake) -> None:
    assert repr(Platform.connect(fake.url)) == f"Platform({fake.url!r})"
    assert fake.seen == []


def test_another_program_is_no_server(fake: Fake) -> None:
    assert "does not answer as a server of data-platform: status 200, text/html" in failure_of(fake).message
    fake.status, fake.headers = 404, {}
    assert "status 404, no media type" in failure_of(fake).message


def test_a_program_that_speaks_no_http_is_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        fake = Fake(url=f"http://127.0.0.1:{other.getsockname()[1]}")
        process = subprocess.Popen(
            [sys.executable, "-c", "import socket,sys\ns=socket.socket(fileno=int(sys.argv[1]))\n"
             "while True:\n c,_=s.accept(); c.recv(9); c.sendall(b'220 smtp ready\\r\\n'); c.close()",
             str(other.fileno())],
            pass_fds=[other.fileno()],
        )  # fmt: skip
        try:
            assert "broke" in failure_of(fake).message
        finally:
            process.kill()
            process.wait()


def test_nobody_there_is_said_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    failure = failure_of(Fake(url=f"http://127.0.0.1:{port}"))
    assert failure.message == f"http://127.0.0.1:{port} cannot be reached: connection refused"
    assert "data-platform serve" in str(failure.hint)
    assert "there is no host" in failure_of(Fake(url="https://nowhere.invalid")).message


def test_a_server_without_tls_is_named(fake: Fake) -> None:
    failure = failure_of(Fake(url=fake.url.replace("http:", "https:")))
    assert "cannot be trusted" in failure.message
    assert "http://" in str(failure.hint)


def test_a_redirect_is_not_followed_with_the_token(fake: Fake) -> None:
    other = Fake()
    fake.status, fake.headers = 302, {"Location": "http://other.example.com/api/v1/subscriptions"}
    assert "leads to http://other.example.com" in failure_of(fake).message
    assert other.seen == []
    assert len(fake.seen) == 1


def test_a_problem_is_the_error_of_the_verb(fake: Fake) -> None:
    fake.status, fake.headers = 404, PROBLEM
    fake.body = json.dumps(encode_problem(NotFound("no product x", hint="did you mean y?"))).encode()
    with pytest.raises(NotFound, match="no product x") as failure:
        ask(fake)
    assert failure.value.hint == "did you mean y?"


def test_who_is_not_known_reads_what_this_client_can_do(fake: Fake) -> None:
    fake.status, fake.headers = 401, PROBLEM
    fake.body = json.dumps(encode_problem(NotAuthenticated("no token", hint="send Authorization: Bearer"))).encode()
    with pytest.raises(NotAuthenticated) as failure:
        ask(fake)
    hint = str(failure.value.hint)
    assert f"data-platform login {fake.url}, or set DATA_PLATFORM_TOKEN" in hint
    assert "Authorization" not in hint


def test_an_answer_of_another_release_says_so(fake: Fake) -> None:
    fake.headers, fake.body = {"Content-Type": "application/json", "Data-Platform-Version": "9.0.0"}, b'{"new": 1}'
    failure = failure_of(fake)
    assert "runs data-platform 9.0.0, and this is" in failure.message
    assert failure.hint == "upgrade this client"
    fake.headers["Data-Platform-Version"] = "0.0.1"
    assert failure_of(fake).hint == "upgrade the server"
    fake.status, fake.headers = 418, {**PROBLEM, "Data-Platform-Version": "9.0.0"}
    fake.body = json.dumps({"kind": "Teapot", "detail": "short and stout"}).encode()
    assert "it answers 'short and stout'" in failure_of(fake).message


@pytest.mark.parametrize("body", [b"{", b"[" * 500 + b"]" * 500, b"\xff", b'{"a": NaN}'])
def test_an_answer_that_is_no_json_is_said(fake: Fake, body: bytes) -> None:
    fake.headers, fake.body = {"Content-Type": "application/json"}, body
    assert "cannot be read" in failure_of(fake).message


def test_reads_and_writes_with_their_key_are_sent_again(fake: Fake) -> None:
    fake.headers, fake.body, fake.drops = {"Content-Type": "application/json"}, b"[]", 2
    assert ask(fake) == []
    fake.drops, fake.seen = 1, []
    fake.body = b'{"principal": "x", "gone": true}'
    with Platform.connect(fake.url) as mesh, pytest.raises(ServerFailed):
        mesh.subscribe("orders")  # what comes back is no answer, but the second attempt was made
    keys = [headers["Idempotency-Key"] for _, _, headers, _ in fake.seen]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_what_is_wrong_here_is_not_sent(fake: Fake) -> None:
    with Platform.connect(fake.url) as mesh:
        with pytest.raises(BadInput, match="product must be text"):
            mesh.subscribe(5)  # type: ignore[arg-type]
        with pytest.raises(BadInput, match="needs the files of the home"):
            mesh.repair()
        with pytest.raises(BadInput, match="client of"):
            _ = mesh.home
    assert fake.seen == []


def test_a_home_is_no_url_and_the_variable_connects(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="this is a URL"):
        Platform.open(fake.url)
    monkeypatch.setenv("DATA_PLATFORM_URL", fake.url)
    monkeypatch.setenv("DATA_PLATFORM_HOME", "/nonexistent/home")
    assert Platform.open().url == fake.url
    monkeypatch.setenv("DATA_PLATFORM_URL", "mesh")
    with pytest.raises(BadInput, match="DATA_PLATFORM_URL is mesh"):
        Platform.open()


def rows(problem: DataPlatformError | None = None) -> bytes:
    """The stream of a query of three rows, which may end with a problem."""
    answer = json.dumps({"stream": "s", "limit": None, "most_rows": 10, "warnings": []})
    schema = pa.schema({"id": pa.int64()}, {b"data_platform.answer": answer.encode()})
    out = io.BytesIO()
    with pa.ipc.new_stream(out, schema) as writer:
        writer.write_batch(pa.record_batch([[1, 2, 3]], schema=schema))
        if problem is not None:
            metadata = {b"data_platform.problem": json.dumps(encode_problem(problem)).encode()}
            writer.write_batch(pa.record_batch([pa.array([], pa.int64())], schema=schema), custom_metadata=metadata)
    return out.getvalue()


def read_rows(fake: Fake) -> list[dict[str, object]]:
    with Platform.connect(fake.url, "dp_secret") as mesh:
        found: list[dict[str, object]] = mesh.sql("SELECT 1").to_arrow().to_pylist()
        return found


def test_rows_that_are_cut_are_no_result(fake: Fake) -> None:
    fake.headers = {"Content-Type": "application/vnd.apache.arrow.stream"}
    fake.body = rows()
    assert read_rows(fake) == [{"id": 1}, {"id": 2}, {"id": 3}]
    whole = rows()
    for size in (0, 4, 100, len(whole) // 2, len(whole) - 20):
        fake.headers["Content-Length"], fake.body = str(len(whole)), whole[:size]
        with pytest.raises(ServerFailed) as failure:
            read_rows(fake)
        assert "secret" not in str(failure.value)


def test_the_problem_that_ends_rows_is_raised(fake: Fake) -> None:
    fake.headers = {"Content-Type": "application/vnd.apache.arrow.stream"}
    fake.body = rows(QueryFailed("it took too long", hint="filter more"))
    with pytest.raises(QueryFailed, match="it took too long"):
        read_rows(fake)


@pytest.mark.parametrize("body", [b"", b"no arrow at all, only text", b"\xff\xff\xff\xff\xff\xff\xff\x7f"])
def test_what_is_no_arrow_is_said(fake: Fake, body: bytes) -> None:
    fake.headers, fake.body = {"Content-Type": "application/vnd.apache.arrow.stream"}, body
    with pytest.raises(ServerFailed):
        read_rows(fake)
