"""One worker process at a time and its protocol; a worker that misses a deadline or breaks the pipe is killed."""

from __future__ import annotations

import subprocess
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from data_platform.engine.worker import process as processes
from data_platform.engine.worker.frames import BrokenFrame, DeadlinePassed, read_bytes, read_frame, write_frame

T = TypeVar("T")


class Connection:
    """Starts the worker at the first request; `started` counts the starts, so that a restart is noticed."""

    def __init__(self, memory_limit_mb: int, threads: int | None) -> None:
        self.memory_limit_mb = memory_limit_mb
        self.started = 0
        self._threads = threads
        self._process: subprocess.Popen[bytes] | None = None
        self._finalizer: weakref.finalize[..., Connection] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the running worker, if one runs."""
        return None if self._process is None else self._process.pid

    def request(self, message: Mapping[str, Any], seconds: float) -> Any:
        """Send one message and return the reply; DeadlinePassed and BrokenFrame leave the worker stopped."""
        deadline = time.monotonic() + seconds
        process = self.start()
        try:
            into, out_of = processes.get_descriptors(process)
            write_frame(into, message, deadline)
            return read_frame(out_of, deadline)
        except (DeadlinePassed, BrokenFrame):
            self.stop()
            raise

    def fetch_frame(self, seconds: float) -> bytes:
        """The next frame of rows of the running worker, empty after the last one; fails as `request` does."""
        return self._receive(read_bytes, seconds)

    def fetch_end(self, seconds: float) -> Any:
        """The running worker's message after its rows."""
        return self._receive(read_frame, seconds)

    def send(self, message: Mapping[str, Any], seconds: float = 1.0) -> None:
        """Send the running worker a message that has no reply; one that does not take it is stopped."""
        if self._process is None:
            return
        try:
            write_frame(processes.get_descriptors(self._process)[0], message, time.monotonic() + seconds)
        except (DeadlinePassed, BrokenFrame):
            self.stop()

    def stop(self) -> None:
        """Kill the worker, if one runs."""
        if self._finalizer is not None:
            self._finalizer()
        self._finalizer = self._process = None

    def interrupt(self) -> None:
        """Kill the worker while another thread uses this: that thread finds the end of the pipe, and closes it."""
        process = self._process
        if process is not None:
            process.kill()

    def discard(self) -> None:
        """After a fork, in the child: forget the worker, which is the parent's."""
        if self._finalizer is not None:
            self._finalizer.detach()
        if self._process is not None:
            processes.release(self._process)
        self._finalizer = self._process = None

    def _receive(self, read: Callable[[int, float], T], seconds: float) -> T:
        if self._process is None:
            raise BrokenFrame("the worker is gone")
        try:
            return read(processes.get_descriptors(self._process)[1], time.monotonic() + seconds)
        except (DeadlinePassed, BrokenFrame):
            self.stop()
            raise

    def start(self) -> subprocess.Popen[bytes]:
        """The running worker, started where none runs."""
        if self._process is None:
            self._process = processes.start(self.memory_limit_mb, self._threads)
            self._finalizer = weakref.finalize(self, processes.end, self._process)
            self.started += 1
        return self._process
