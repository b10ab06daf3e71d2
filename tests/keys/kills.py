"""Ends a process by kill -9 just before its n-th change of the disk."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHANGES = [(os, "link"), (os, "fsync"), (os, "open"), (Path, "replace"), (Path, "unlink")]


def is_killed_at(number: int, work: Callable[[], object]) -> bool:
    """Runs `work` in a child that is killed before its change `number` (from 1); False if it makes fewer and ends."""
    process = multiprocessing.get_context("fork").Process(target=_run, args=(number, work))
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def _run(number: int, work: Callable[[], object]) -> None:
    left = [number]
    for owner, name in CHANGES:
        setattr(owner, name, _count(getattr(owner, name), left))
    work()


def _count(change: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    def counted(*arguments: Any, **options: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return change(*arguments, **options)

    return counted
