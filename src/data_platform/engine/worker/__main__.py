"""The worker process: `python -m data_platform.engine.worker PARENT MEMORY_MB THREADS bound|free`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from data_platform.engine.worker import walls
from data_platform.engine.worker.frames import BrokenFrame, read_frame, write_bytes, write_frame
from data_platform.engine.worker.requests import Requests

_DUCKDB_SHARE = 0.75
"""What DuckDB may take of the process's memory; the rest is Python's, pyarrow's and what DuckDB does not count."""


def main(parent: int, memory_limit_mb: int, threads: int, bound: str) -> None:
    """Wall ourselves in, then answer requests until the parent is gone."""
    requests, replies = _own_pipes()
    Path.cwd().rmdir()  # an empty folder that is gone is emptier still
    walls.build(parent, memory_limit_mb, bound=bound == "bound")
    walls.die_with_parent(requests, parent)
    # DuckDB's threads are born here, behind the walls.
    answering = Requests(int(memory_limit_mb * _DUCKDB_SHARE), threads)
    with suppress(BrokenFrame):
        while True:
            for reply in answering.answer(read_frame(requests)):
                if isinstance(reply, dict):
                    write_frame(replies, reply)
                else:
                    write_bytes(replies, reply)


def _own_pipes() -> tuple[int, int]:
    """The pipes under other numbers: what a library prints or reads must not disturb the talk."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    return requests, replies


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
