"""A row of little bars."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from data_platform.cli.console.sparkline import BARS, draw_sparkline


def test_bars_rise_with_the_values() -> None:
    assert draw_sparkline([0, 50, 100]) == "▁▅█"
    assert draw_sparkline([-5, 500]) == "▁█"
    assert draw_sparkline([]) == ""


@given(st.lists(st.floats(0, 100)))
def test_order_is_kept(values: list[float]) -> None:
    drawn = [BARS.index(bar) for bar in draw_sparkline(values)]
    assert len(drawn) == len(values)
    assert sorted(drawn) == [BARS.index(bar) for bar in draw_sparkline(sorted(values))]
