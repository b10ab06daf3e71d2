"""Draws a sparkline."""

from __future__ import annotations

from collections.abc import Iterable

BARS = "▁▂▃▄▅▆▇█"


def draw_sparkline(values: Iterable[float], low: float = 0.0, high: float = 100.0) -> str:
    """Returns one bar per value, from `low` to `high`; values outside are drawn as the nearer limit."""
    return "".join(BARS[_pick_step((value - low) / (high - low))] for value in values)


def _pick_step(share: float) -> int:
    return min(max(round(share * (len(BARS) - 1)), 0), len(BARS) - 1)
