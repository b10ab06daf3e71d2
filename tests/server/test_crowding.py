"""What one caller does slowly keeps no other caller waiting."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from data_platform import Platform
from data_platform.platform import InProcess
from data_platform.server import answers
from data_platform.server.app import ServerApp
from data_platform.settings import Principal, Role, RoleGrant
from tests.server.serving import OWNER, TOKEN, make_client, make_parts, publish, register, serve

SLOW = Principal("slow@example.org", verified=True, local=True)
READER = Principal("reader@example.org", verified=True, roles=frozenset([RoleGrant(Role.CONSUMER)]))
FORM = b'--x\r\nContent-Disposition: form-data; name="request"\r\nContent-Type: application/json\r\n\r\n{'


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("crowd") / ".data-platform"
    with Platform.open(folder, make=True) as platform:
        assert isinstance(platform._transport, InProcess)
        parts = make_parts(platform._transport.context().mesh, threads=2)
        callers = {TOKEN: OWNER, "slow": SLOW, "reader": READER}
        object.__setattr__(parts, "authenticate", callers.get)
        with serve(ServerApp(parts)) as url:
            with make_client(url) as client:
                assert register(client).status_code == 200
                assert publish(client, [{"id": 1, "name": "a"}]).status_code == 200
            yield url


def begin_upload(url: str, token: str, stack: ExitStack) -> socket.socket:
    """A publish of which only the beginning is sent."""
    place = urlsplit(url)
    assert place.hostname is not None
    connection = stack.enter_context(socket.create_connection((place.hostname, place.port or 80)))
    connection.settimeout(20)
    connection.sendall(
        f"POST /api/v1/products/orders/outputs/t/versions HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        "Content-Length: 100000\r\n\r\n".encode()
        + FORM
    )
    return connection


def test_slow_uploads_of_one_caller_leave_places_for_others(url: str) -> None:
    with ExitStack() as stack, make_client(url) as client:
        uploads = [begin_upload(url, "slow", stack) for _ in range(2)]
        (refused,), _, _ = select.select(uploads, [], [], 20)  # whichever the server reads second
        assert refused.recv(12) == b"HTTP/1.1 429"
        assert publish(client, [{"id": 2, "name": "b"}]).status_code == 200


def test_the_body_of_a_caller_who_may_not_publish_is_not_waited_for(url: str) -> None:
    with ExitStack() as stack:
        assert begin_upload(url, "reader", stack).recv(12) == b"HTTP/1.1 403"


def test_slow_queries_keep_no_short_call_waiting(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    running, go_on = threading.Barrier(3), threading.Event()
    open_query = answers.open_query

    def wait(*values: Any) -> Any:
        running.wait(20)
        go_on.wait(20)
        return open_query(*values)

    monkeypatch.setattr(answers, "open_query", wait)
    codes: list[int] = []

    def query() -> None:
        with make_client(url) as client:
            codes.append(client.post("/sql", json={"query": "SELECT 1 FROM orders.t"}).status_code)

    threads = [threading.Thread(target=query) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        running.wait(20)
        assert httpx.get(f"{url}/api/v1/me", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10).is_success
    finally:
        go_on.set()
        for thread in threads:
            thread.join()
    assert codes == [200, 200]
