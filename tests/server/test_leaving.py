"""A caller who is gone, or who reads no more, leaves nothing behind that works for them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio import CapacityLimiter
from starlette.types import Message

from data_platform import Platform
from data_platform.platform import InProcess
from data_platform.server.app import ServerApp
from data_platform.server.bodies.incoming import CallerGone
from data_platform.server.calling import Calling
from data_platform.server.limits.uploads import UploadPlaces
from data_platform.server.replies import Reply
from data_platform.server.sending import send_reply
from tests.server.serving import make_client, make_parts, publish, register, serve

TABLES = "orders.t a, orders.t b, orders.t c, orders.t d"
ENDLESS = f"SELECT count(*) AS id FROM {TABLES} WHERE (a.id + b.id * c.id) % 7 = d.id"
WIDE = "SELECT repeat('x', 1000) AS x FROM orders.t a, orders.t b"
SECONDS = 15
"""Less than `query_seconds`."""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A server with one place for calls that read data."""
    with Platform.open(tmp_path / ".data-platform", make=True) as platform:
        assert isinstance(platform._transport, InProcess)
        mesh = platform._transport.context().mesh
        mesh.settings = replace(mesh.settings, server=replace(mesh.settings.server, stall_seconds=1))
        with serve(ServerApp(make_parts(mesh, threads=1))) as url:
            with make_client(url) as client:
                assert register(client).status_code == 200
                assert publish(client, [{"id": number, "name": "a"} for number in range(5000)]).status_code == 200
            yield url


def query(url: str) -> list[str]:
    """The lines of a short query, which needs the one place."""
    with make_client(url) as client:
        answer = client.post("/sql", json={"query": "SELECT count(*) AS n FROM orders.t"}, timeout=SECONDS)
        assert answer.status_code == 200, answer.text
        return answer.text.splitlines()


@pytest.mark.long
def test_a_query_ends_when_its_caller_is_gone_before_it_has_an_answer(url: str) -> None:
    with make_client(url) as client, pytest.raises(httpx.ReadTimeout):
        client.post("/sql", json={"query": ENDLESS}, timeout=2)
    assert query(url) == ['{"n": 5000}']


def test_a_chunk_that_is_computed_is_interrupted_when_the_caller_is_gone() -> None:
    ended, sent, closed = threading.Event(), asyncio.Event(), []
    reply = Reply()
    reply.interruption.attach(ended.set)

    def compute() -> Iterator[bytes]:
        try:
            yield b"first"
            assert ended.wait(SECONDS)
            yield b"more"
        finally:
            closed.append(True)

    async def receive() -> Message:
        await sent.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message.get("body"):
            sent.set()

    async def respond() -> None:
        parts: Any = None
        calling = Calling(parts, CapacityLimiter(1), CapacityLimiter(1), UploadPlaces(1, 1))
        reply.chunks = compute()
        await send_reply(reply, calling)({"type": "http"}, receive, send)

    with pytest.raises(CallerGone):
        asyncio.run(respond())
    assert ended.is_set()
    assert closed == [True]


@pytest.mark.long
def test_a_caller_who_stops_reading_is_cut_off(url: str) -> None:
    with make_client(url) as client, client.stream("POST", "/sql", json={"query": WIDE}) as answer:
        assert answer.status_code == 200
        assert query(url) == ['{"n": 5000}']
        time.sleep(3)
        size = 0
        with pytest.raises(httpx.TransportError):
            for chunk in answer.iter_raw():
                size += len(chunk)
        assert size < 16 * 1024 * 1024, "what the sockets and one chunk hold"
