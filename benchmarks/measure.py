"""Interleaved rounds: baseline and ours in turn, so that a machine whose speed drifts drifts for both."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One budget and what was measured; `ours` and `base` are medians in seconds (or the unit named)."""

    work: str
    against: str
    budget: str
    measured: str
    kept: bool

    def row(self) -> str:
        return (
            f"| {self.work} | {self.against} | {self.budget} | {self.measured} | {'yes' if self.kept else '**no**'} |"
        )


Clock = Callable[[], float]


def processor_seconds() -> float:
    """The processor time of this process and of those that it started and that still run."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = time.process_time()
    for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def seconds(work: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    start = clock()
    work()
    return clock() - start


def side_by_side(
    ours: Callable[[], object], base: Callable[[], object], rounds: int, clock: Clock = time.perf_counter
) -> tuple[float, float, float]:
    """Medians of ours and base, and the median of the ratio round by round; one round first is not counted."""
    pairs = [(seconds(base, clock), seconds(ours, clock)) for _ in range(rounds + 1)][1:]
    mine, theirs = statistics.median(o for _, o in pairs), statistics.median(b for b, _ in pairs)
    return mine, theirs, statistics.median(o / b for b, o in pairs)


def ratio(
    work: str,
    against: str,
    limit: float,
    ours: Callable[[], object],
    base: Callable[[], object],
    rounds: int,
    clock: Clock = time.perf_counter,
) -> Figure:
    mine, theirs, found = side_by_side(ours, base, rounds, clock)
    told = f"{found:.2f} ({mine:.2f} s against {theirs:.2f} s)"
    return Figure(work, against, f"≤ {limit:g}", told, found <= limit)
