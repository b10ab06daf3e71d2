"""A real Postgres for tests: one server a session, a fresh database a test, gone at the end.

Tests that ask for `postgres_url` (or `postgres_server`) carry the marker `engines`. Postgres refuses to run as root,
so that a root test runs it as the user `postgres`, or else as `nobody`.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

PATIENCE = 30.0
_numbers = count(1)


@dataclass(frozen=True)
class Server:
    """A running server that listens on 127.0.0.1 and wants the password."""

    port: int
    password: str = field(repr=False)
    user: str = "mesh"
    host: str = "127.0.0.1"

    def url(self, database: str) -> str:
        """The database's URL, password included."""
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Runs one statement as superuser, outside a transaction."""
        import psycopg  # the optional driver: only tests of the engines lane need it

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server with a data folder of its own, ended with the session."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("Postgres is not installed: no initdb on PATH nor under /usr/lib/postgresql")
    pytest.importorskip("psycopg", reason="psycopg is not installed: make install")
    home = Path(tempfile.mkdtemp(prefix="mesh-postgres-"))
    try:
        with _running(binaries, home) as server:
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """The URL of an empty database that only this test sees."""
    name = f"test_{next(_numbers)}"
    postgres_server.execute(f"CREATE DATABASE {name}")
    yield postgres_server.url(name)
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


class _running:
    """The server process, from initdb to its end."""

    def __init__(self, binaries: Path, home: Path) -> None:
        self.binaries = binaries
        self.home = home
        self.owner = _owner()
        if self.owner is not None:
            os.chown(home, *self.owner)

    def __enter__(self) -> Server:
        password = secrets.token_hex(16)
        secret = self.home / "password"
        secret.write_text(password)
        if self.owner is not None:
            os.chown(secret, *self.owner)
        data = self.home / "data"
        setup = [self.binaries / "initdb", "-D", data, "-U", "mesh", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._spawn([*setup, "--auth=scram-sha-256", f"--pwfile={secret}"]).wait(PATIENCE)
        server = Server(_free_port(), password)
        options = {"listen_addresses": server.host, "unix_socket_directories": self.home, "fsync": "off"}
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self.process = self._spawn([self.binaries / "postgres", "-D", data, "-p", str(server.port), *settings])
        self._await(server)
        return server

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)

    def _spawn(self, command: list[str | Path]) -> subprocess.Popen[bytes]:
        user, group = self.owner or (None, None)
        groups = None if user is None else []
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.home, user=user, group=group, extra_groups=groups
            )

    def _await(self, server: Server) -> None:
        import psycopg

        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return server.execute("SELECT 1")
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = (self.home / "log").read_text(errors="replace")
                    self.__exit__()
                    raise RuntimeError(f"Postgres did not start: {error}\n{log[-2000:]}") from error
                time.sleep(0.05)


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))], default=None)
    return None if newest is None else newest.parent


def _owner() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
