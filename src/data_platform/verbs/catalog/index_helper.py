"""The process that files products beside another one: `filing` starts it and says what to do on its standard input."""

from __future__ import annotations

import gc
import marshal
import sys
from contextlib import suppress

from data_platform.record.catalog.bulk import NameRange
from data_platform.record.store import Record
from data_platform.verbs.catalog.index_rebuild import build_span, read_frame, write_frame

_GARBAGE = 50_000


def main() -> None:
    """Builds one span after the other; ends when they are done, or when the reader has closed the pipe."""
    gc.set_threshold(_GARBAGE)
    task = read_frame(sys.stdin.buffer)
    if task is None:
        return
    url, spans = marshal.loads(task)  # noqa: S302  # of our own making
    with Record.open(url) as record, record.reading() as conn, suppress(BrokenPipeError):
        for first, last in spans:
            write_frame(sys.stdout.buffer, marshal.dumps(build_span(conn, NameRange(first, last))))


if __name__ == "__main__":
    main()
