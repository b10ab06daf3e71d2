"""A worker that fails says why, and its supervisor that it failed; the ready file goes with the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from data_platform import Platform
from data_platform.server.process import serve
from data_platform.server.process.listening import write_ready_file
from data_platform.server.process.serve import ServeOptions, serve_home
from data_platform.settings import Home

FAILING = """
from data_platform.errors import Unavailable
from data_platform.server.process.listening import open_socket
from data_platform.server.process.supervisor import Supervisor

def work(listening, on_ready, lifeline):
    raise RuntimeError("the plug was pulled")

with open_socket("127.0.0.1", 0) as listening:
    try:
        Supervisor(listening, 1, work, 0.0, lambda pid: None).run(print)
    except Unavailable as error:
        print(error)
"""


def test_a_worker_that_fails_prints_its_traceback_and_the_supervisor_says_so() -> None:
    done = subprocess.run([sys.executable, "-c", FAILING], capture_output=True, text=True, timeout=60)
    assert "Traceback (most recent call last)" in done.stderr
    assert "RuntimeError: the plug was pulled" in done.stderr
    assert "of the server ended with exit code 1, without being asked to" in done.stderr
    assert "a worker of the server cannot begin" in done.stdout


@pytest.fixture
def home(tmp_path: Path) -> Home:
    Platform.open(tmp_path / "home", make=True).close()
    return Home(tmp_path / "home")


def pretend(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Lets the server answer, do that, and end; threads of other tests do not end the process."""

    def work(home: Home, hosts: object, listening: object, on_ready: Callable[[str], None]) -> None:
        on_ready("link")
        act()

    monkeypatch.setattr(serve, "_work", work)
    monkeypatch.setattr(serve.os, "_exit", lambda code: None)


def test_the_ready_file_is_there_while_the_server_answers(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ready.json"
    pretend(monkeypatch, lambda: assert_pid(file))
    serve_home(home, ServeOptions(port=0, ready_file=file), lambda url, link: None)
    assert not file.exists()


def assert_pid(file: Path) -> None:
    assert json.loads(file.read_text())["pid"] == os.getpid()


def test_the_ready_file_goes_with_a_server_that_fails(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError

    pretend(monkeypatch, fail)
    with pytest.raises(RuntimeError):
        serve_home(home, ServeOptions(port=0, ready_file=tmp_path / "ready.json"), lambda url, link: None)
    assert not (tmp_path / "ready.json").exists()


def test_the_ready_file_of_the_next_server_stays(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "ready.json"

    def begin_another() -> None:
        write_ready_file(file, "http://127.0.0.1:1")
        file.write_text(file.read_text().replace(str(os.getpid()), "1"))

    pretend(monkeypatch, begin_another)
    serve_home(home, ServeOptions(port=0, ready_file=file), lambda url, link: None)
    assert json.loads(file.read_text())["pid"] == 1
