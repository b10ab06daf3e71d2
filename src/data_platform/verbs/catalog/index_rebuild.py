"""All products, filed for the search index: where there are many, by two processes, each from its end of the list.

Python keeps one core busy, and to file 100,000 products takes it longer than a search may take. The helper has
a transaction of its own, begun after ours: it may know of later changes than the index's mark, and these are put into
the index once more with the next update. What it does not deliver, for whatever reason, is filed here.
"""

from __future__ import annotations

import fcntl
import marshal
import os
import select
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

from sqlalchemy import Connection

from data_platform.record.catalog import bulk
from data_platform.record.catalog.bulk import NameRange
from data_platform.record.store import Record
from data_platform.search.schema import Filed, to_fields
from data_platform.verbs.catalog.index_documents import BATCH, build_batch

ENOUGH = 20_000
"""Products that are worth the half second in which another process starts."""

HELPER = "data_platform.verbs.catalog.index_helper"
_AHEAD = 1 << 20
_SIZE = 8

Take = Callable[[], list[Filed] | None]
"""Returns the products of the next span; None where it cannot, now or ever."""


def build_all(record: Record, conn: Connection, *, batch: int = BATCH, enough: int = ENOUGH) -> Iterator[Filed]:
    """Every product as the index holds it, in any order; `conn` is a reading transaction of the record."""
    spans = deque(bulk.split_names(conn, batch))
    if len(spans) * batch < enough:
        for span in spans:
            yield from build_span(conn, span)
        return
    with start_helper(record.url, spans) as take:
        while spans:
            if (theirs := take()) is not None:
                spans.popleft()
                yield from theirs
            else:
                yield from build_span(conn, spans.pop())


def build_span(conn: Connection, span: NameRange) -> list[Filed]:
    """The products of a span."""
    return [to_fields(document) for document in build_batch(conn, span)]


@contextmanager
def start_helper(url: str, spans: Iterable[NameRange]) -> Iterator[Take]:
    """A process that files the spans in their order; it ends with the block, or when its output is closed."""
    try:
        process = subprocess.Popen(  # noqa: S603  # our own module, in our own interpreter
            [sys.executable, "-P", "-m", HELPER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    except OSError:  # no memory, or no process more
        yield lambda: None
        return
    try:
        with _require_pipe(process.stdin) as tasks, _require_pipe(process.stdout) as batches:
            with suppress(BrokenPipeError):
                write_frame(tasks, marshal.dumps((url, [(span.first, span.last) for span in spans])))
            yield _build_take(batches)
    finally:
        process.kill()
        process.wait()


def _require_pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the helper has no pipes")
    return pipe


def _build_take(batches: IO[bytes]) -> Take:
    if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux alone lets the helper go ahead by more than 64 kB
        with suppress(OSError):
            fcntl.fcntl(batches, fcntl.F_SETPIPE_SZ, _AHEAD)
    poller = select.poll()
    poller.register(batches, select.POLLIN)

    def take() -> list[Filed] | None:
        frame = read_frame(batches) if poller.poll(0) else None
        batch: list[Filed] | None = None if frame is None else marshal.loads(frame)  # noqa: S302  # of our own making
        return batch

    return take


def write_frame(pipe: IO[bytes], content: bytes) -> None:
    """Sends the bytes as one piece."""
    rest = memoryview(len(content).to_bytes(_SIZE, "big") + content)
    while rest:
        rest = rest[pipe.write(rest) :]
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> bytes | None:
    """The next piece; None where the other side ended before it was whole."""
    size = _read(pipe, _SIZE)
    return None if size is None else _read(pipe, int.from_bytes(size, "big"))


def _read(pipe: IO[bytes], size: int) -> bytes | None:
    content = bytearray()
    while len(content) < size:
        part = pipe.read(size - len(content))
        if not part:
            return None
        content += part
    return bytes(content)
