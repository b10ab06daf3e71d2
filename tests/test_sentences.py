"""Sentences: English, with their kinds and values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from data_platform.sentences import LISTED, Sentence, join_sentences, make_sentence


def test_a_sentence_is_its_pattern_with_the_values() -> None:
    sentence = make_sentence("checklist.described", "{n} of {all} columns have a description", n=1, all=8)
    assert str(sentence) == "1 of 8 columns have a description"
    assert sentence == Sentence("checklist.described", str(sentence), {"n": "1", "all": "8"})


@given(st.lists(st.text("abc.{}", min_size=1), min_size=1, max_size=12))
def test_names_are_listed_up_to_five_and_the_others_counted(names: list[str]) -> None:
    sentence = make_sentence("k", "of {names}", names)
    listed = ", ".join(names[:LISTED])
    more = len(names) - LISTED
    assert sentence.values == {"names": listed} | ({"more": str(more)} if more > 0 else {})
    assert str(sentence) == f"of {listed}" + (f" and {more} more" if more > 0 else "")


def test_a_value_is_no_pattern() -> None:
    assert str(make_sentence("k", "{a}: {b}", a="{b}", b="{a}")) == "{b}: {a}"


def test_sentences_about_one_thing_are_one_line() -> None:
    assert join_sentences([make_sentence("a", "one"), make_sentence("b", "two")]) == "one; two"
