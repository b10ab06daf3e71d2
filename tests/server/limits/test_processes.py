"""Keys and rates hold over the processes of one server."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from data_platform import DataProduct, Platform
from data_platform.settings.principal import Role
from tests.server.process.test_serve import Served, list_children, run_server

PRODUCT = "name: orders\ndomain: sales\nowner: sales\noutputs: [{name: t, schema: t.json}]\n"
VERSIONS = "/api/v1/products/orders/outputs/t/versions"


def make_home(folder: Path, settings: str = "") -> tuple[Path, str]:
    """A home with a product, and a token of who may publish it."""
    home = folder / ".data-platform"
    (folder / "product.yaml").write_text(PRODUCT)
    (folder / "t.json").write_text('{"type": "object", "properties": {"id": {"type": "integer"}}}')
    with Platform.open(home, make=True) as platform:
        DataProduct(folder, platform).register()
        token = platform.create_token("etl", Role.OWNER, team="sales").token
    (home / "settings.toml").write_text(settings)
    return home, token


def publish(served: Served, token: str, key: str) -> httpx.Response:
    """One publish, on a connection of its own."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv", "Idempotency-Key": key}
    return httpx.post(served.url + VERSIONS, content=b"id\n1\n2\n", headers=headers, timeout=60)


@pytest.mark.long
def test_processes_share_the_rate_of_a_principal(tmp_path: Path) -> None:
    home, token = make_home(tmp_path, "[server]\nrequests_per_second = 1\n")
    with run_server(home, "--workers", "2") as served, ThreadPoolExecutor(12) as pool:
        headers = {"Authorization": f"Bearer {token}"}
        start = time.monotonic()
        answers = pool.map(lambda _: httpx.get(f"{served.url}/api/v1/domains", headers=headers, timeout=60), range(12))
        statuses = [answer.status_code for answer in answers]
        assert set(statuses) <= {200, 429}
        assert 2 <= statuses.count(200) <= 3 + (time.monotonic() - start)


@pytest.mark.long
def test_a_key_is_carried_out_once_over_processes_and_after_kill_9(tmp_path: Path) -> None:
    home, token = make_home(tmp_path)
    with run_server(home, "--workers", "2") as served, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: publish(served, token, "same"), range(8)))
        assert {answer.status_code for answer in answers} <= {200, 409}
        assert {answer.json()["version"] for answer in answers if answer.status_code == 200} == {1}

        def publish_in_the_end(number: int) -> int:
            deadline = time.monotonic() + 100
            while True:
                try:
                    answer = publish(served, token, f"key-{number}")
                    if answer.status_code == 200:
                        return int(answer.json()["version"])
                    assert answer.status_code in (409, 503), answer.text
                except httpx.TransportError:
                    pass
                assert time.monotonic() < deadline
                time.sleep(0.5)

        numbers = pool.map(publish_in_the_end, range(24))
        for _ in range(3):
            time.sleep(0.4)
            os.kill(list_children(served.process.pid)[0], signal.SIGKILL)
        assert sorted(numbers) == list(range(2, 26))
    with Platform.open(home) as platform:
        assert len(platform.versions("orders")) == 25
