"""One process that answers: it opens the mesh, serves the socket, and at its end finishes what it has begun."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from logging import CRITICAL, getLogger
from types import FrameType

import uvicorn

from data_platform.integrations.senders import build_senders
from data_platform.server.app import ServerApp
from data_platform.server.limits.guards import SignInLimit, StrangerLimit, make_guards
from data_platform.server.limits.shared import FILE, SharedCounters
from data_platform.server.parts import ServerParts
from data_platform.server.process.clock import running_clock
from data_platform.server.process.listening import make_url
from data_platform.server.process.protocol import LimitedProtocol
from data_platform.server.signin.signin import SignIn, make_link
from data_platform.settings import Home, Settings, resolve_identity
from data_platform.settings.server import ServerSettings, is_loopback
from data_platform.verbs.core.mesh import Mesh

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


OnReady = Callable[[str], None]
"""Called once the server answers, with the link that signs the local owner in."""


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
    def capture_signals(self) -> Iterator[None]:
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
    home: Home, listening: socket.socket, hosts: frozenset[str], on_ready: OnReady, lifeline: int | None = None
) -> None:
    """Serves until a signal comes, or until the other end of `lifeline` is closed; raises what opens no mesh."""
    getLogger("uvicorn").setLevel(CRITICAL)  # the door writes a line for each request
    mesh = Mesh.open(home)
    with contextlib.closing(mesh):
        is_local = is_loopback(listening.getsockname()[0])
        parts = build_parts(mesh, hosts, lambda: server.should_exit, is_local=is_local)
        app = ServerApp(parts)
        url = mesh.settings.server.public_url or make_url(listening)
        server = Listening(make_config(app, mesh.settings), lambda: on_ready(make_link(mesh, resolve_identity(), url)))
        if lifeline is not None:
            threading.Thread(target=_watch, args=(lifeline, server), daemon=True).start()
        with running_clock(mesh, parts.senders):
            server.run([listening])


def build_parts(
    mesh: Mesh, hosts: frozenset[str], is_ending: Callable[[], bool], *, is_local: bool = False
) -> ServerParts:
    """The parts of the server of a mesh; `is_local`: it listens on an address of this machine alone."""
    limits, counters = mesh.settings.server, SharedCounters(mesh.home.path / FILE)
    signin = SignIn.of(mesh, SignInLimit(counters, limits.sign_in_requests_per_minute))
    return ServerParts(
        mesh,
        signin.authenticate,
        guards=make_guards(counters, limits),
        on_stranger=StrangerLimit(counters, limits.failed_sign_ins_per_minute),
        allowed_hosts=hosts,
        resolvers=[signin.resolve],
        find_form_token=signin.find_form_token,
        senders=build_senders(mesh.settings),
        has_open_metrics=opens_metrics(limits, is_local=is_local),
        routes=signin.routes,
        threads=mesh.settings.server.threads,
        is_ending=is_ending,
    )


def opens_metrics(settings: ServerSettings, *, is_local: bool) -> bool:
    """Whether the figures of the server need no token: as set, or where no proxy can hand them to others."""
    if settings.metrics is not None:
        return settings.metrics == "open"
    return is_local and settings.public_url is None and not settings.trusted_proxies


def make_config(app: ServerApp, settings: Settings) -> uvicorn.Config:
    """uvicorn's settings, without logs of its own."""
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
