"""Numbers in messages."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby


def describe_numbers(numbers: Iterable[int]) -> str:
    """The numbers in ascending order, such as "1 to 3, 5"."""
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(sorted(set(numbers))), key=lambda pair: pair[1] - pair[0])
    ]
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
