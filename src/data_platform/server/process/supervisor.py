"""Several workers on one socket: one that dies is started again, and all end with the process that started them."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from types import FrameType

from data_platform.errors import DataPlatformError, Unavailable

Work = Callable[[socket.socket, Callable[[str], None], int], None]
"""Serves a socket: calls the function with a line of text once it answers, and ends when the pipe is closed."""
_PAUSE_SECONDS = 0.1
_RESTART_SECONDS = 1.0
_GRACE_SECONDS = 10.0
_LONGEST_REPORT = select.PIPE_BUF


class Supervisor:
    """Forks `count` workers, before this process has threads or opens a mesh. `on_end` takes the pid of a dead one."""

    def __init__(
        self, listening: socket.socket, count: int, work: Work, drain_seconds: float, on_end: Callable[[int], None]
    ) -> None:
        self._listening, self._count, self._work = listening, count, work
        self._drain_seconds, self._on_end = drain_seconds, on_end
        self._workers: set[int] = set()
        self._is_ending = False
        self._lifeline, self._parent_end = os.pipe()
        self._ready, self._ready_end = os.pipe()

    def run(self, on_ready: Callable[[str], None]) -> None:
        """Runs until a signal comes; raises Unavailable when no worker begins to answer."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        for _ in range(self._count):
            self._start()
        try:
            text = self._wait_until_ready()
            if text is not None:
                on_ready(text)
                self._keep_running()
        finally:
            self._end_workers()

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._is_ending = True

    def _start(self) -> None:
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            self._workers.add(pid)
            return
        code = 1
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            os.close(self._parent_end)
            self._work(self._listening, self._report_ready, self._lifeline)
            code = 0
        except DataPlatformError as error:
            print(error, file=sys.stderr, flush=True)
            code = 2
        except BaseException:
            traceback.print_exc()  # nothing else says why: the process ends here
            sys.stderr.flush()
            raise
        finally:
            os._exit(code)

    def _report_ready(self, text: str) -> None:
        os.write(self._ready_end, text.encode())

    def _wait_until_ready(self) -> str | None:
        """What the first worker that answers reports; None if a signal comes before."""
        while not self._is_ending:
            if select.select([self._ready], [], [], _PAUSE_SECONDS)[0]:
                return os.read(self._ready, _LONGEST_REPORT).decode()
            if self._collect_dead():
                raise Unavailable("a worker of the server cannot begin", hint="its message is above")
        return None

    def _keep_running(self) -> None:
        while not self._is_ending:
            time.sleep(_PAUSE_SECONDS)
            dead = self._collect_dead()
            if dead and not self._is_ending:
                time.sleep(_RESTART_SECONDS)
                for _ in range(dead):
                    self._start()

    def _collect_dead(self) -> int:
        """The number of workers that have ended since the last call."""
        dead = 0
        for pid in list(self._workers):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._workers.discard(pid)
                self._on_end(pid)
                dead += 1
                if not self._is_ending:
                    print(_describe_end(pid, os.waitstatus_to_exitcode(status)), file=sys.stderr, flush=True)
        return dead

    def _end_workers(self) -> None:
        """Tells the workers to finish; one that does not is killed. New connections are refused at once."""
        self._listening.close()
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + self._drain_seconds + _GRACE_SECONDS
        while self._workers and time.monotonic() < deadline:
            self._collect_dead()
            time.sleep(_PAUSE_SECONDS)
        self._signal(signal.SIGKILL)
        self._collect_dead()

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._workers:
            os.kill(pid, number)  # a dead one is not collected yet, so its number is still its own


def _describe_end(pid: int, code: int) -> str:
    """What a worker's unexpected end is called in the log of the server."""
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    return f"worker {pid} of the server {how}, without being asked to; its messages are above"
