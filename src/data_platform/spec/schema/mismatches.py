"""Differences of many names between data and contract, summarised: an error names the first, and counts the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from data_platform.errors import Mismatch

MOST_NAMES = 20
_LONGEST = 200
_OTHERS = {"extra": "do not fit the contract either", "missing": "are missing too"}


def summarize_mismatches(mismatches: Iterable[Mismatch]) -> list[Mismatch]:
    """The mismatches with at most 20 names that are extra and 20 that are missing, then how many more there are.

    A name of more than 200 characters is cut.
    """
    summary: list[Mismatch] = []
    counts = dict.fromkeys(_OTHERS, 0)
    for mismatch in mismatches:
        if mismatch.kind in counts:
            counts[mismatch.kind] += 1
            if counts[mismatch.kind] > MOST_NAMES:
                continue
        name = mismatch.column
        summary.append(mismatch if len(name) <= _LONGEST else replace(mismatch, column=f"{name[:_LONGEST]}…"))
    for kind, count in counts.items():
        if count > MOST_NAMES:
            summary.append(Mismatch(f"{count - MOST_NAMES:,} further names", kind, _OTHERS[kind]))
    return summary
