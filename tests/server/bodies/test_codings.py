"""Packed bodies: taken with gzip, within the limit of what they hold; other codings are refused with a hint."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator

import httpx
import pytest

from data_platform.server.bodies import unpacking
from data_platform.verbs.wire.messages import LARGEST
from tests.server.serving import open_server, publish, register
from tests.verbs.lineage.events import make_event

EVENT = json.dumps(make_event(("data-platform", "orders.t"))).encode()
GZIP = {"Content-Type": "application/json", "Content-Encoding": "gzip"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with open_server(tmp_path_factory.mktemp("served") / ".data-platform") as client:
        assert register(client).status_code == 200
        assert publish(client, [{"id": 1, "name": "a"}]).status_code == 200
        yield client


@pytest.mark.parametrize("name", ["gzip", "GZIP", "x-gzip"])
def test_a_document_comes_packed_with_gzip(client: httpx.Client, name: str) -> None:
    headers = {**GZIP, "Content-Encoding": name}
    answer = client.post("/lineage", content=gzip.compress(EVENT), headers=headers)
    assert (answer.status_code, answer.json()["kept"]) == (200, 1)
    answer = client.put("/domains/sales", content=gzip.compress(b'{"owner": "ana@example.org"}'), headers=headers)
    assert answer.status_code == 200


def test_members_of_gzip_follow_each_other(client: httpx.Client) -> None:
    packed = gzip.compress(EVENT[:50]) + gzip.compress(EVENT[50:])
    pieces = (packed[place : place + 7] for place in range(0, len(packed), 7))
    assert client.post("/lineage", content=pieces, headers=GZIP).json()["kept"] == 1


def test_no_coding_is_identity(client: httpx.Client) -> None:
    for name in ("identity", ""):
        headers = {**GZIP, "Content-Encoding": name}
        assert client.post("/lineage", content=EVENT, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "packed", [gzip.compress(EVENT)[:-4], gzip.compress(EVENT) + b"x", EVENT, b"\x1f\x8b", zlib.compress(EVENT)]
)
def test_what_is_no_gzip_is_refused(client: httpx.Client, packed: bytes) -> None:
    answer = client.post("/lineage", content=packed, headers=GZIP)
    assert (answer.status_code, answer.json()["kind"]) == (400, "UnreadableData")
    assert "gzip" in answer.json()["detail"]


@pytest.mark.long
def test_a_bomb_is_refused_before_it_is_unpacked(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = 0
    real = unpacking.zlib.decompressobj

    class Counted:
        def __init__(self, bits: int) -> None:
            self.inner = real(bits)

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

        def decompress(self, data: bytes, most: int) -> bytes:
            nonlocal unpacked
            block = self.inner.decompress(data, most)
            unpacked += len(block)
            return block

    monkeypatch.setattr(unpacking.zlib, "decompressobj", Counted)
    bomb = gzip.compress(b"[" + b" " * (200 << 20) + b"]", 9)
    answer = client.post("/lineage", content=bomb, headers=GZIP)
    assert (answer.status_code, answer.json()["kind"]) == (413, "TooLarge")
    assert f"{LARGEST:,} bytes" in answer.json()["detail"] and "unpacked" in answer.json()["detail"]
    assert unpacked <= LARGEST + (1 << 20)


@pytest.mark.parametrize("name", ["br", "deflate", "zstd", "gzip, gzip", "compress", "aws-chunked"])
def test_other_codings_are_refused_with_a_hint_before_the_body_is_read(client: httpx.Client, name: str) -> None:
    for path, media_type in (("/lineage", "application/json"), ("/sql", "application/json")):
        answer = client.post(path, content=EVENT, headers={"Content-Type": media_type, "Content-Encoding": name})
        assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "gzip")
        assert "gzip" in answer.json()["hint"]
    if name != "zstd":
        headers = {"Content-Type": "text/csv", "Content-Encoding": name}
        answer = client.post("/products/orders/outputs/t/versions", content=b"id\n1\n", headers=headers)
        assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "gzip, zstd")
        assert "zstd" in answer.json()["hint"]
