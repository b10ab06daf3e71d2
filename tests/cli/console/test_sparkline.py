"""A row of little bars."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from data_platform.cli.console.sparkline import BARS, sparkline


def test_bars_rise_with_the_values() -> None:
    assert sparkline([0, 50, 100]) == "▁▅█"
    assert sparkline([-5, 500]) == "▁█"
    assert sparkline([]) == ""


@given(st.lists(st.floats(0, 100)))
def test_order_is_kept(values: list[float]) -> None:
    drawn = [BARS.index(bar) for bar in sparkline(values)]
    assert len(drawn) == len(values)
    assert sorted(drawn) == [BARS.index(bar) for bar in sparkline(sorted(values))]
