"""One process that answers: it opens the mesh, serves the socket, and finishes what it has begun when it is told to end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType

import uvicorn

from data_platform.integrations.senders import build_senders
from data_platform.server.app import ServerApp
from data_platform.server.parts import ServerParts
from data_platform.server.process.protocol import LimitedProtocol
from data_platform.settings import Home, Settings
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.identity.authenticate import authenticate_token

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Listening(uvicorn.Server):
    """uvicorn, which calls `on_ready` once it answers, and ends with success on SIGTERM and SIGINT."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to answer."""
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:  # type: ignore[override]
        """Ends on a signal, which is not raised again."""
        before = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stops accepting; requests in flight are finished."""
        self.should_exit = True


def run_worker(
    home: Home, listening: socket.socket, hosts: frozenset[str], on_ready: Callable[[], None], lifeline: int | None = None
) -> None:
    """Serves until a signal comes, or until the other end of `lifeline` is closed; raises what opens no mesh."""
    mesh = Mesh.open(home)
    with contextlib.closing(mesh):
        app = ServerApp(build_parts(mesh, hosts, lambda: server.should_exit))
        server = Listening(make_config(app, mesh.settings), on_ready)
        if lifeline is not None:
            threading.Thread(target=_watch, args=(lifeline, server), daemon=True).start()
        server.run([listening])
    if any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        sys.stderr.flush()
        os._exit(0)  # a verb that is over the deadline; what it has not committed is as if it had not begun


def build_parts(mesh: Mesh, hosts: frozenset[str], is_ending: Callable[[], bool]) -> ServerParts:
    """The parts of the server of a mesh."""
    server = mesh.settings.server
    return ServerParts(
        mesh,
        partial(authenticate_token, mesh),
        allowed_hosts=hosts,
        senders=build_senders(mesh.settings),
        threads=server.threads,
        is_ending=is_ending,
    )


def make_config(app: ServerApp, settings: Settings) -> uvicorn.Config:
    """uvicorn's settings; its own logs are off, since the door writes one line for each request."""
    proxies = settings.server.trusted_proxies
    return uvicorn.Config(
        app,
        http=LimitedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_keep_alive=65,
        timeout_graceful_shutdown=settings.server.drain_seconds,
    )


def _watch(lifeline: int, server: Listening) -> None:
    """Ends the server when the process that started it is gone, however it went."""
    while os.read(lifeline, 1):
        pass
    server.should_exit = True
