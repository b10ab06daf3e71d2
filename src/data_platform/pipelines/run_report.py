"""Reports a run to the mesh: its start, a heartbeat while the pipeline works, and its end with the log.

A report that fails while the pipeline works does not end it: the next one may succeed. If the end cannot be recorded,
the result says so, and an error is raised as it was.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from logging import getLogger
from pathlib import Path
from threading import Event, Lock, Thread

from data_platform.errors import DataPlatformError, InvalidSpec, NotFound, Refused, RunConflict, Unavailable
from data_platform.pipelines.discovery import find_user_place
from data_platform.pipelines.run_log import LogTail, record_log
from data_platform.platform import Platform
from data_platform.spec.product.loading import ProductFile
from data_platform.verbs.results.runs import HEARTBEAT_SECONDS

_LOG = getLogger("data_platform")
_PACKAGE = Path(__file__).parents[1]


class RunReport:
    """A run that is being reported; `warnings` say what could not be recorded. A forked child reports nothing."""

    def __init__(self, platform: Platform, id: str, folder: Path) -> None:
        self.id = id
        self.warnings: tuple[str, ...] = ()
        self._platform, self._folder, self._process = platform, folder, os.getpid()

    def finish(self, log: LogTail) -> None:
        """Reports success; a failure of the report becomes a warning, because the version is published."""
        if os.getpid() != self._process:
            return
        try:
            self._platform.finish_run(self.id, "succeeded", log=self._redact(log))
        except DataPlatformError as failure:
            self.warnings = (f"the end of run {self.id} is not recorded: {failure.message}",)

    def fail(self, error: BaseException, log: LogTail) -> None:
        """Reports the error, which the caller raises."""
        if os.getpid() != self._process:
            return
        state = "refused" if isinstance(error, Refused) else "failed"
        if not isinstance(error, DataPlatformError):
            log.write(_format_traceback(error))
        redact = self._platform.settings.redact
        kind, reason = type(error).__name__, _to_storable(redact(describe_error(error, self._folder)))
        try:
            self._platform.finish_run(self.id, state, error_kind=kind, error=reason, log=self._redact(log))
        except DataPlatformError as failure:
            _LOG.warning("the end of run %s, %s by %s, is not recorded: %s", self.id, state, kind, failure.message)

    def _redact(self, log: LogTail) -> str:
        return _to_storable(log.read(self._platform.settings.redact))


@contextmanager
def report_run(platform: Platform, file: ProductFile, output: str) -> Iterator[RunReport]:
    """Starts a run, and reports how the block ends; raises what `start_run` raises, before the block."""
    run = platform.start_run(file.product.name, output)
    report = RunReport(platform, run.id, file.path.absolute().parent)
    with record_log() as log:
        try:
            with _send_heartbeats(platform, report.id):
                yield report
        except BaseException as error:
            report.fail(error, log)
            raise
        report.finish(log)


def describe_error(error: BaseException, folder: Path) -> str:
    """The reason of an error, without values of the data; of an error that may quote some, the line in `folder`."""
    if isinstance(error, Refused):
        return error.summary
    if isinstance(error, NotFound | InvalidSpec | Unavailable):
        return error.message
    place = find_user_place(error, folder)
    return f"{place[0]}:{place[1]}" if place else "see the log"


def _to_storable(text: str) -> str:
    """The text with what no record can hold replaced: a pipeline may print anything."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def _format_traceback(error: BaseException) -> str:
    """The traceback as Python prints it, from the first line that is not the platform's."""
    trace = error.__traceback__
    while trace is not None and Path(trace.tb_frame.f_code.co_filename).is_relative_to(_PACKAGE):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace))


@contextmanager
def _send_heartbeats(platform: Platform, id: str) -> Iterator[None]:
    _hold_back_forks()
    ended = Event()
    thread = Thread(target=_beat, args=(platform, id, ended), name=f"heartbeat of run {id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(platform: Platform, id: str, ended: Event) -> None:
    while not ended.wait(HEARTBEAT_SECONDS):
        try:
            with _BEATING:
                platform.heartbeat_run(id)
        except RunConflict as over:
            _LOG.warning("%s: its pipeline works on, and cannot publish", over.message)
            return
        except DataPlatformError as failure:
            _LOG.warning("a heartbeat of run %s is not recorded: %s", id, failure.message)


_BEATING = Lock()
"""Held during a heartbeat: no process may fork while a transaction is open."""


@cache
def _hold_back_forks() -> None:
    """Makes forks wait for a heartbeat, before the record closes its connections: the last hook is called first."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_BEATING.acquire, after_in_parent=_BEATING.release, after_in_child=_BEATING.release)
