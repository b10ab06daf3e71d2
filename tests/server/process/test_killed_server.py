"""kill -9 of a server during publishes: what was answered stands, what was not is absent or whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.server.process.test_serve import Served, run_server
from tests.server.serving import make_client, register

ROWS = 50
OWNER = "owner@example.org"


def create_token(home: Path) -> str:
    command = [sys.executable, "-m", "data_platform", "tokens", "create", OWNER, "--role", "admin", "--json"]
    env = {**os.environ, "DATA_PLATFORM_HOME": str(home)}
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    token: str = json.loads(said)["token"]
    return token


class Publisher(threading.Thread):
    """Publishes one number after the other, each in all rows of a version, until the server is gone."""

    def __init__(self, url: str, token: str, product: str, start: int) -> None:
        super().__init__()
        self.product, self.number = product, start
        self.answered: dict[int, int] = {}
        self._client = make_client(url, token)

    def run(self) -> None:
        with self._client as client:
            try:
                while True:
                    self.number += 1
                    body = "id,name\n" + f"{self.number},x\n" * ROWS
                    path = f"/products/{self.product}/outputs/t/versions"
                    answer = client.post(path, content=body, headers={"Content-Type": "text/csv"})
                    assert answer.status_code == 200, answer.text
                    self.answered[answer.json()["version"]] = self.number
            except httpx.TransportError:
                return


def check_versions(served: Served, token: str, product: str, answered: dict[int, int]) -> None:
    with make_client(served.url, token) as client:
        versions = client.get(f"/products/{product}/versions", params={"limit": 1000}).json()
        assert {version["version"] for version in versions} == set(range(1, len(versions) + 1))
        assert set(answered) <= {version["version"] for version in versions}
        for version in versions:
            number = version["version"]
            lines = client.get(f"/products/{product}/outputs/t/versions/{number}/data").text.splitlines()
            values = {json.loads(line)["id"] for line in lines}
            assert (len(lines), len(values)) == (ROWS, 1)
            assert number not in answered or values == {answered[number]}


@pytest.mark.long
def test_a_killed_server_loses_nothing_that_it_answered(tmp_path: Path) -> None:
    home = tmp_path / ".data-platform"
    products = [f"orders-{number}" for number in range(3)]
    answered: dict[str, dict[int, int]] = {product: {} for product in products}
    last = 0
    token = ""
    for kill in range(3):
        (tmp_path / "ready.json").unlink(missing_ok=True)
        with run_server(home) as served:
            token = token or create_token(home)
            if kill == 0:
                with make_client(served.url, token) as client:
                    for product in products:
                        text = f"name: {product}\ndomain: sales\nowner: {OWNER}\ndescription: d\n"
                        assert register(client, text + "outputs:\n- name: t\n  schema: t.json\n").status_code == 200
            publishers = [Publisher(served.url, token, product, last) for product in products]
            for publisher in publishers:
                publisher.start()
            publishers[0].join(3 + kill)
            served.process.kill()
            for publisher in publishers:
                publisher.join()
                answered[publisher.product] |= publisher.answered
            last = max(publisher.number for publisher in publishers)
    assert any(answered.values())
    (tmp_path / "ready.json").unlink()
    with run_server(home) as served:
        for product in products:
            check_versions(served, token, product, answered[product])


@pytest.mark.long
def test_sigterm_finishes_a_publish_in_flight(tmp_path: Path) -> None:
    home = tmp_path / ".data-platform"
    with run_server(home) as served:
        token = create_token(home)
        with make_client(served.url, token) as client:
            assert register(client).status_code == 200

            def send() -> object:
                yield b"id,name\n"
                served.process.terminate()
                for number in range(20):
                    threading.Event().wait(0.05)
                    yield f"{number},x\n".encode()

            path = "/products/orders/outputs/t/versions"
            answer = client.post(path, content=send(), headers={"Content-Type": "text/csv"})  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["rows"]) == (200, 20)
        assert served.process.wait(30) == 0
