"""What a pipeline prints and logs while it runs: it appears as always, and the end of it is kept for the run.

Only the thread of the run is recorded, so that runs in other threads keep their own logs.
"""

from __future__ import annotations

import logging
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any, TextIO

from data_platform.verbs.results.runs import LONGEST_LOG

_FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


class LogTail:
    """The last 65,536 characters of a log."""

    def __init__(self) -> None:
        self._pieces: deque[str] = deque()
        self._length = 0

    def write(self, text: str) -> None:
        """Adds text at the end."""
        self._pieces.append(text[-LONGEST_LOG:])
        self._length += len(self._pieces[-1])
        while self._length - len(self._pieces[0]) >= LONGEST_LOG:
            self._length -= len(self._pieces.popleft())

    def read(self) -> str:
        """The text that is kept."""
        return "".join(self._pieces)[-LONGEST_LOG:]


_current: ContextVar[LogTail | None] = ContextVar("run_log", default=None)


@contextmanager
def record_log() -> Iterator[LogTail]:
    """Collects what this thread prints and logs within."""
    tail = LogTail()
    token = _current.set(tail)
    _COPIES.open()
    try:
        yield tail
    finally:
        _COPIES.close()
        _current.reset(token)


class _Copies:
    """The copied streams and the handler of the process, which are there while any thread has a run."""

    def __init__(self) -> None:
        self._lock, self._runs = Lock(), 0
        self._installed = ExitStack()

    def open(self) -> None:
        """Installs them for the first run."""
        with self._lock:
            self._runs += 1
            if self._runs > 1:
                return
            self._copy_stream("stdout")
            self._copy_stream("stderr")
            if logging.root.handlers:  # without one, warnings go to stderr, which is copied
                handler = _TailHandler()
                logging.root.addHandler(handler)
                self._installed.callback(logging.root.removeHandler, handler)

    def close(self) -> None:
        """Removes them after the last run."""
        with self._lock:
            self._runs -= 1
            if self._runs == 0:
                self._installed.close()

    def _copy_stream(self, name: str) -> None:
        stream = getattr(sys, name)
        if stream is None:  # a process without a console
            return
        copied = _CopiedStream(stream)
        setattr(sys, name, copied)

        def restore() -> None:
            if getattr(sys, name) is copied:
                setattr(sys, name, stream)

        self._installed.callback(restore)


class _CopiedStream:
    """A stream that writes to another one, and to the log of the run in this thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes the text to both."""
        tail = _current.get()
        if tail is not None:
            tail.write(text)
        return self._stream.write(text)

    def writelines(self, lines: list[str]) -> None:
        """Writes the lines to both."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _TailHandler(logging.Handler):
    """Adds records of the run's thread to its log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Formats the record as a line."""
        tail = _current.get()
        if tail is not None:
            tail.write(f"{_FORMAT.format(record)}\n")


_COPIES = _Copies()
