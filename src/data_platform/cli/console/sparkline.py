"""A row of little bars."""

from __future__ import annotations

from collections.abc import Iterable

BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Iterable[float], low: float = 0.0, high: float = 100.0) -> str:
    """A bar for each value, from `low` (lowest) to `high` (highest); what lies outside is drawn as the nearer end."""
    return "".join(BARS[_step((value - low) / (high - low))] for value in values)


def _step(share: float) -> int:
    return min(max(round(share * (len(BARS) - 1)), 0), len(BARS) - 1)
