"""Typos are counted as tantivy counts them: by the optimal string alignment of two words."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.search.typos import has_few_typos
from tests.hypothesis_lanes import examples

WORDS = st.text("abcé", max_size=7)


@cache
def count(left: str, right: str) -> int:
    """The textbook's definition, from the end of the words."""
    if not left or not right:
        return len(left) + len(right)
    ways = [
        count(left[:-1], right) + 1,
        count(left, right[:-1]) + 1,
        count(left[:-1], right[:-1]) + (left[-1] != right[-1]),
    ]
    if left[-2:] == right[-2:][::-1] and len(left) > 1 and len(right) > 1:
        ways.append(count(left[:-2], right[:-2]) + 1)
    return min(ways)


@given(WORDS, WORDS, st.integers(0, 4))
@settings(max_examples=examples(300), deadline=None)
def test_typos_are_those_of_the_definition(wanted: str, word: str, most: int) -> None:
    assert has_few_typos(wanted, word, most) == (count(wanted, word) <= most)


@pytest.mark.parametrize(
    ("wanted", "word", "typos"),
    [
        ("orders", "orders", 0),
        ("orders", "oders", 1),
        ("orders", "orderss", 1),
        ("orders", "orfers", 1),
        ("orders", "odrers", 1),
        ("ca", "abc", 3),
        ("", "ab", 2),
    ],
)
def test_a_typo_is_a_letter_more_less_or_other_or_two_swapped(wanted: str, word: str, typos: int) -> None:
    assert has_few_typos(wanted, word, typos)
    assert not any(has_few_typos(wanted, word, fewer) for fewer in range(typos))
