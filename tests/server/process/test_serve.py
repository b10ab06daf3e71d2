from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from data_platform import BadInput, Platform, Unavailable
from data_platform.server.process.listening import check_address, list_hosts, make_url, open_socket
from data_platform.settings import Home, load_settings


def test_a_port_that_is_taken_is_an_error_that_says_so() -> None:
    with open_socket("127.0.0.1", 0) as taken, pytest.raises(Unavailable, match=r"port \d+ of 127.0.0.1 is taken"):
        open_socket("127.0.0.1", taken.getsockname()[1])


def test_a_host_that_is_no_address_is_an_error() -> None:
    with pytest.raises(BadInput, match="there is no address"):
        open_socket("no such host", 0)


def test_an_address_of_other_machines_needs_somebody_who_may_sign_in(tmp_path: Path) -> None:
    settings = load_settings(Home(tmp_path))
    check_address("127.0.0.1", settings, has_tokens=False)
    check_address("0.0.0.0", settings, has_tokens=True)
    with pytest.raises(BadInput, match="nobody can sign in"):
        check_address("0.0.0.0", settings, has_tokens=False)


def test_the_server_answers_to_this_machine_and_the_hosts_of_its_settings(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        '[server]\npublic_url = "https://mesh.example.org"\nallowed_hosts = ["Inner.example.org"]\n'
    )
    hosts = list_hosts("::1", load_settings(Home(tmp_path)))
    assert hosts == {"127.0.0.1", "[::1]", "localhost", "mesh.example.org", "inner.example.org"}


def test_the_url_of_a_socket_is_one_of_this_machine() -> None:
    with open_socket("0.0.0.0", 0) as listening:
        assert make_url(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"


@dataclass(frozen=True)
class Served:
    process: subprocess.Popen[str]
    url: str

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=30)


@contextmanager
def run_server(home: Path, *options: str) -> Iterator[Served]:
    Platform.open(home, make=True).close()
    ready = home.parent / "ready.json"
    command = [sys.executable, "-m", "data_platform", "serve", "--port", "0", "--ready-file", str(ready), *options]
    process = subprocess.Popen(
        command, env={**os.environ, "DATA_PLATFORM_HOME": str(home)}, stdout=subprocess.PIPE, text=True
    )
    try:
        wait_until(ready.exists)
        yield Served(process, json.loads(ready.read_text())["url"])
    finally:
        process.kill()
        process.communicate()


def wait_until(holds: object, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def list_children(pid: int) -> Sequence[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


@pytest.mark.long
def test_a_server_answers_says_so_and_ends_with_success(tmp_path: Path) -> None:
    with run_server(tmp_path / ".data-platform") as served:
        assert served.get("/healthz").json() == {"status": "ok"}
        assert served.get("/readyz").json() == {"status": "ready"}
        assert served.get("/api/v1/domains").status_code == 401
        assert 'data_platform_requests_total{status="401",verb="none"} 1.0' in served.get("/metrics").text
        served.process.send_signal(signal.SIGTERM)
        said, _ = served.process.communicate(timeout=30)
    assert served.process.returncode == 0
    assert f"serving the mesh on {served.url}" in said


@pytest.mark.long
def test_a_worker_that_dies_is_started_again_and_all_end_with_their_parent(tmp_path: Path) -> None:
    with run_server(tmp_path / ".data-platform", "--workers", "2") as served:
        workers = list_children(served.process.pid)
        os.kill(workers[0], signal.SIGKILL)
        wait_until(lambda: len(set(list_children(served.process.pid)) - {workers[0]}) == 2)
        assert served.get("/healthz").status_code == 200
        wait_until(lambda: "data_platform_requests_total" in served.get("/metrics").text)
        left = list_children(served.process.pid)
        served.process.kill()
        wait_until(lambda: not any(is_alive(pid) for pid in left), 30)


@pytest.mark.long
def test_a_server_that_ends_refuses_new_connections_while_it_finishes_others(tmp_path: Path) -> None:
    with run_server(tmp_path / ".data-platform", "--workers", "2") as served:
        place = urlsplit(served.url)
        assert place.hostname is not None and place.port is not None
        with socket.create_connection((place.hostname, place.port)) as begun:
            begun.sendall(
                f"POST /api/v1/signin/token HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 6\r\n\r\ncode".encode()
            )
            wait_until(lambda: served.get("/healthz").status_code == 200)
            served.process.send_signal(signal.SIGTERM)
            wait_until(lambda: not can_connect(place.hostname, place.port), 15)
            assert is_alive(served.process.pid)
            begun.sendall(b"=x")
            begun.settimeout(20)
            assert begun.recv(12) == b"HTTP/1.1 401"
        served.process.communicate(timeout=30)
    assert served.process.returncode == 0


def can_connect(host: str | None, port: int | None) -> bool:
    try:
        socket.create_connection((host or "", port or 0), 1).close()
    except OSError:
        return False
    return True


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
