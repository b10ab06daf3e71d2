"""docs/guides/upgrade.md, rehearsed: the home of the last release, a backup, a new server, and the same tokens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.golden.test_golden_home import REVISIONS, unpack

pytestmark = pytest.mark.long


def run(home: Path, *words: str) -> Any:
    command = [sys.executable, "-m", "data_platform", *words, "--json"]
    done = subprocess.run(command, env={**os.environ, "DATA_PLATFORM_HOME": str(home)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def serve(home: Path) -> Iterator[str]:
    """A server of the home, which ends with success on SIGTERM."""
    ready = home.parent / f"{home.name}-{time.monotonic_ns()}.json"
    command = [sys.executable, "-m", "data_platform", "serve", "--port", "0", "--ready-file", str(ready)]
    log = (home.parent / "server.log").open("wb")
    with log, subprocess.Popen(command, env={**os.environ, "DATA_PLATFORM_HOME": str(home)}, stdout=log) as process:
        try:
            while not ready.exists():
                assert process.poll() is None
                time.sleep(0.05)
            yield str(json.loads(ready.read_text())["url"])
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()


def call(url: str, token: str, path: str) -> httpx.Response:
    return httpx.get(f"{url}/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, timeout=60)


def test_the_same_tokens_work_before_the_backup_and_on_the_server_of_the_restored_home(tmp_path: Path) -> None:
    unpack(REVISIONS[-1], "sqlite", tmp_path)
    home, restored = tmp_path / ".data-platform", tmp_path / "restored"
    token = run(home, "tokens", "create", "loader", "--role", "admin")["token"]
    revoked = run(home, "tokens", "create", "gone", "--role", "admin")
    run(home, "tokens", "revoke", str(revoked["id"]))
    with serve(home) as url:
        before = call(url, token, "/search").json()
        assert before["total"] > 0
        run(home, "backup", str(tmp_path / "backup"), "--with-keys")
    run(restored, "restore", str(tmp_path / "backup"))
    for upgraded in (restored, home):
        with serve(upgraded) as url:
            assert call(url, token, "/search").json() == before
            assert call(url, revoked["token"], "/search").status_code == 401
