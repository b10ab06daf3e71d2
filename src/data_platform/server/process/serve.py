"""Serves a home: what `data-platform serve` runs."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from socket import socket
from typing import Any

from data_platform.record.identity import tokens
from data_platform.server.health import metrics_folder
from data_platform.server.process.listening import (
    check_address,
    list_hosts,
    make_url,
    open_socket,
    read_ready_pid,
    write_ready_file,
)
from data_platform.server.process.supervisor import Supervisor, Work
from data_platform.settings import Home, load_settings
from data_platform.settings.server import is_loopback
from data_platform.temporary_folders import open_scratch_folder
from data_platform.verbs.core.record_opening import open_record


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Where a server listens, with how many processes, and the file that says when it answers."""

    host: str = "127.0.0.1"
    port: int = 8321
    ready_file: Path | None = None
    workers: int = 1


def serve_home(home: Home, options: ServeOptions, on_ready: Callable[[str, str], None]) -> None:
    """Serves the home until SIGTERM or SIGINT; `on_ready` takes the URL and the owner's sign-in link once it answers.

    The ready file is removed at the end. Raises BadInput for an address that must not be used, Unavailable for a port
    that is taken.
    """
    settings = load_settings(home)
    has_tokens = is_loopback(options.host) or _has_tokens(home)
    check_address(options.host, settings, has_tokens=has_tokens)
    listening = open_socket(options.host, options.port)
    url = make_url(listening)

    def report_ready(link: str) -> None:
        if options.ready_file is not None:
            write_ready_file(options.ready_file, url)
        on_ready(url, link)

    work = partial(_work, home, list_hosts(options.host, settings))
    with listening, _removed_at_end(options.ready_file):
        if options.workers == 1:
            work(listening, report_ready)
        else:
            _supervise(listening, options.workers, work, settings.server.drain_seconds, report_ready)
    if any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        sys.stderr.flush()
        os._exit(0)  # a verb that is over the deadline; what it has not committed is as if it had not begun


def _supervise(
    listening: socket, workers: int, work: Work, drain_seconds: float, report_ready: Callable[[str], None]
) -> None:
    with open_scratch_folder("spill") as folder:
        os.environ[metrics_folder.VARIABLE] = str(folder)
        on_end = partial(metrics_folder.forget_process, folder)
        Supervisor(listening, workers, work, drain_seconds, on_end).run(report_ready)


@contextmanager
def _removed_at_end(ready_file: Path | None) -> Iterator[None]:
    """Removes the ready file of this process at its end: who reads it then would call a server that is gone."""
    try:
        yield
    finally:
        if ready_file is not None and read_ready_pid(ready_file) == os.getpid():
            ready_file.unlink(missing_ok=True)


def _work(home: Home, hosts: frozenset[str], listening: socket, on_ready: Any, lifeline: int | None = None) -> None:
    """Loads the app in the process that answers, and not in one that only watches."""
    worker: Any = import_module("data_platform.server.process.worker")
    worker.run_worker(home, listening, hosts, on_ready, lifeline)


def _has_tokens(home: Home) -> bool:
    record = open_record(home, load_settings(home))
    try:
        with record.reading() as conn:
            return any(token.revoked_at is None for token in tokens.list_all(conn))
    finally:
        record.close()
