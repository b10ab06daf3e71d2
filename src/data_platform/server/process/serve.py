"""Serves a home: what `data-platform serve` runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import socket

from data_platform.errors import MissingExtra
from data_platform.record.identity import tokens
from data_platform.server.process.listening import (
    check_address,
    list_hosts,
    make_url,
    open_socket,
    write_ready_file,
)
from data_platform.server.process.supervisor import Supervisor
from data_platform.server.process.worker import run_worker
from data_platform.settings import Home, load_settings
from data_platform.settings.server import is_loopback
from data_platform.verbs.core.record_opening import open_record


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Where a server listens, with how many processes, and the file that says when it answers."""

    host: str = "127.0.0.1"
    port: int = 8321
    ready_file: Path | None = None
    workers: int = 1


def serve_home(home: Home, options: ServeOptions, on_ready: Callable[[str], None]) -> None:
    """Serves the home until SIGTERM or SIGINT; `on_ready` is called with the URL once it answers.

    Raises BadInput for an address that must not be used, Unavailable for a port that is taken.
    """
    settings = load_settings(home)
    has_tokens = is_loopback(options.host) or _has_tokens(home)
    check_address(options.host, settings, has_tokens=has_tokens)
    listening = open_socket(options.host, options.port)
    url = make_url(listening)

    def report_ready() -> None:
        if options.ready_file is not None:
            write_ready_file(options.ready_file, url)
        on_ready(url)

    hosts = list_hosts(options.host, settings)
    with listening:
        if options.workers == 1:
            run_worker(home, listening, hosts, report_ready)
            return
        work = partial(_work, home, hosts)
        Supervisor(listening, options.workers, work, settings.server.drain_seconds).run(report_ready)


def _work(home: Home, hosts: frozenset[str], listening: socket, on_ready: Callable[[], None], lifeline: int) -> None:
    run_worker(home, listening, hosts, on_ready, lifeline)


def _has_tokens(home: Home) -> bool:
    record = open_record(home, load_settings(home))
    try:
        with record.reading() as conn:
            return any(token.revoked_at is None for token in tokens.list_all(conn))
    finally:
        record.close()
