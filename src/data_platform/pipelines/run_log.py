"""What a pipeline prints and logs while it runs: it appears as always, and the end of it is kept for the run.

Only the thread of the run is recorded, so that runs in other threads keep their own logs.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any, TextIO

from data_platform.verbs.results.runs import LONGEST_LOG

LONGEST_SECRET = 4096
"""How many characters of a secret are redacted where the kept log begins within it."""

_KEPT = LONGEST_LOG + LONGEST_SECRET
_FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


class LogTail:
    """The last 65,536 characters of a log. A log that threads share is never refused a line, but may lose one."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._is_cut = False

    def write(self, text: str) -> None:
        """Adds text at the end."""
        if text:
            self._pieces.append(text)
            self._length += len(text)
            if self._length >= 2 * _KEPT:
                self._cut()

    def read(self, redact: Callable[[str], str] = str) -> str:
        """The text that is kept. `redact` sees more than that, so that no half of a secret remains at its beginning."""
        self._cut()
        text = redact("".join(self._pieces))
        return (text[LONGEST_SECRET:] if self._is_cut else text)[-LONGEST_LOG:]

    def _cut(self) -> None:
        pieces, self._pieces = self._pieces, []
        text = "".join(pieces)
        self._is_cut = self._is_cut or len(text) > _KEPT
        self._pieces.insert(0, text[-_KEPT:])
        self._length = sum(map(len, self._pieces))


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
                handler = logging.StreamHandler(_TailStream())  # reports a wrong logging call, and raises nothing
                handler.setFormatter(_FORMAT)
                handler.addFilter(lambda _: _current.get() is not None)
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
            if getattr(sys, name) is copied or getattr(sys, name) is None:
                setattr(sys, name, stream)

        self._installed.callback(restore)


class _CopiedStream:
    """A stream that writes to another one, and to the log of the run in this thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes the text to both; what the stream refuses is not in the log."""
        length = self._stream.write(text)
        tail = _current.get()
        if tail is not None:
            tail.write(text)
        return length

    def writelines(self, lines: list[str]) -> None:
        """Writes the lines to both."""
        for line in lines:
            self.write(line)

    def close(self) -> None:
        """Flushes only: the program that runs the pipeline writes on."""
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _TailStream:
    """A stream that writes to the log of the run in this thread."""

    def write(self, text: str) -> None:
        """Adds text at the end of the log."""
        tail = _current.get()
        if tail is not None:
            tail.write(text)

    def flush(self) -> None:
        """Nothing is buffered."""


_COPIES = _Copies()
