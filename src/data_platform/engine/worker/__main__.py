"""The worker process: `python -m data_platform.engine.worker PARENT MEMORY_MB THREADS bound|free`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from data_platform.engine.worker import sandbox
from data_platform.engine.worker.frames import BrokenFrame, read_frame, write_bytes, write_frame
from data_platform.engine.worker.requests import Requests

_DUCKDB_SHARE = 0.75
"""DuckDB's share of the process's memory; the rest is for Python, pyarrow and memory that DuckDB does not count."""


def main(parent: int, memory_limit_mb: int, threads: int, bound: str) -> None:
    """Build the sandbox, then handle requests until the parent ends."""
    requests, replies = _move_pipes()
    Path.cwd().rmdir()  # the working directory is not needed
    sandbox.build(parent, memory_limit_mb, bound=bound == "bound")
    sandbox.end_with_parent(requests, parent)
    # DuckDB's threads start here, inside the sandbox.
    handler = Requests(int(memory_limit_mb * _DUCKDB_SHARE), threads)
    with suppress(BrokenFrame):
        while True:
            for reply in handler.handle(read_frame(requests)):
                if isinstance(reply, dict):
                    write_frame(replies, reply)
                else:
                    write_bytes(replies, reply)


def _move_pipes() -> tuple[int, int]:
    """The pipes under other descriptors, so that a library's prints and reads cannot disturb the protocol."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    return requests, replies


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
