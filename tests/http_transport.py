"""The same tests over HTTP: a server in a thread of the test process, and a transport that speaks to it.

`DATA_PLATFORM_TEST_TRANSPORT=http` makes the fixtures of `tests/verbs` and `tests/cli` use it; `make test-http` does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import uvicorn

from data_platform.client.address import parse_address
from data_platform.client.credentials import BearerToken
from data_platform.client.transport import HttpTransport
from data_platform.platform import InProcess
from data_platform.server.app import ServerApp
from data_platform.server.parts import ServerParts
from data_platform.verbs.core.context import Caller, Context
from data_platform.verbs.core.mesh import Mesh

TOKEN = "a-token"


@contextmanager
def serve(parts: ServerParts) -> Iterator[str]:
    """The URL of a server of these parts, without its log: stderr is that of the command under test."""
    config = uvicorn.Config(ServerApp(parts), port=0, log_config=None, lifespan="off", http="httptools", ws="none")
    server = uvicorn.Server(config)
    written = patch("data_platform.server.door.write_log")
    written.start()
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.002)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        written.stop()


class ServedWorld(HttpTransport):
    """A transport over HTTP to a mesh of this process, which tests may also look into.

    `caller` is who the token stands for: a test that changes it acts as somebody else from then on.
    """

    def __init__(self, mesh: Mesh, url: str, inner: InProcess) -> None:
        super().__init__(parse_address(url), BearerToken(TOKEN, "a test"))
        self.mesh, self._inner = mesh, inner

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return self._inner.caller

    @caller.setter
    def caller(self, caller: Caller) -> None:
        self._inner.caller = caller

    def context(self) -> Context:
        """A request of this caller, in the mesh's own process."""
        return self._inner.context()


@contextmanager
def serve_mesh(mesh: Mesh, authenticate: Callable[[], Caller]) -> Iterator[str]:
    """The URL of a server of a mesh that this process has opened, with one token."""
    parts = ServerParts(mesh, lambda token: authenticate().principal if token == TOKEN else None)
    with serve(parts) as url:
        yield url
