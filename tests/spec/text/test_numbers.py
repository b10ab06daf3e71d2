"""Numbers in messages."""

from __future__ import annotations

import pytest

from data_platform.spec.text.numbers import describe_numbers


@pytest.mark.parametrize(
    ("numbers", "text"),
    [((1,), "1"), ((2, 1), "1, 2"), ((1, 2, 3), "1 to 3"), ((1, 2, 3, 5, 7, 8, 9), "1 to 3, 5, 7 to 9"), ((), "")],
)
def test_runs_are_shortened(numbers: tuple[int, ...], text: str) -> None:
    assert describe_numbers(numbers) == text
