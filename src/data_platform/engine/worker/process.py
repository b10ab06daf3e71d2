"""Starts and ends the worker's operating-system process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from tempfile import mkdtemp

_MODULE = "data_platform.engine.worker"


def start(memory_limit_mb: int, threads: int | None) -> subprocess.Popen[bytes]:
    """A worker that inherits only two pipes, in its own session and an empty folder, which it removes."""
    # The kernel ends the child with the *thread* that started it, so this is safe for the main thread only.
    bound = threading.current_thread() is threading.main_thread()
    words = [str(os.getpid()), str(memory_limit_mb), str(threads or 0), "bound" if bound else "free"]
    process = subprocess.Popen(  # noqa: S603  # our own module, in our own interpreter
        [sys.executable, "-B", "-P", "-m", _MODULE, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        close_fds=True,
        start_new_session=True,
        cwd=mkdtemp(prefix="data-platform-worker-"),
        env=_build_environment(),
        bufsize=0,
    )
    for descriptor in get_descriptors(process):
        os.set_blocking(descriptor, False)
    return process


def _build_environment() -> dict[str, str]:
    """No inherited variable; the module path, and a memory pool that reserves no memory in advance."""
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "LC_ALL": "C.UTF-8",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "1",
    }


def get_descriptors(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """Our end of the pipes: where to write, where to read."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("the worker has no pipes")
    return process.stdin.fileno(), process.stdout.fileno()


def end(process: subprocess.Popen[bytes]) -> None:
    """End the worker now and take its pipes back."""
    with suppress(ProcessLookupError):
        process.kill()
    process.wait()
    _close_pipes(process)


def release(process: subprocess.Popen[bytes]) -> None:
    """Release a worker that belongs to the parent of this forked process."""
    process.returncode = 0  # it is not a child of this process: no wait and no warning
    _close_pipes(process)


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
