"""A passage knows where in its file each character stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.spec.text.report import Place, Report
from data_platform.spec.text.yaml.passage import Passage, make_passage
from data_platform.spec.text.yaml.tree import Mapping, Scalar, parse_yaml


def passage(source: str) -> Passage:
    root = parse_yaml(source, Report("f"))
    assert isinstance(root, Mapping)
    node = root.entries[0][1]
    assert isinstance(node, Scalar)
    return make_passage(source, node)


@pytest.mark.parametrize(
    ("source", "word", "line", "column"),
    [
        ("a: |\n  one\n   two\n", "two", 3, 4),
        ("a: |2- # said\n\n  one two\n", "two", 3, 7),
        ("a: >\n  one\n  two three\n\n  four\n", "three", 3, 7),
        ("a: one\n  two\n", "two", 2, 3),
        ("a: 'it''s\n  two'\n", "s two", 1, 9),
        ("a: 'it''s\n  two'\n", "two", 2, 3),
        ('a: "one two"\n', "two", 1, 9),
        ("a: &name one two\n", "two", 1, 14),
        ("a: &name |\n  one two\n", "two", 2, 7),
        ("a: |\r\n  one\r\n  two\r\n", "two", 3, 3),
        ("# ü\nü: {b: c}\na: one", "one", 3, 4),
    ],
)
def test_a_word_is_found_where_it_stands(source: str, word: str, line: int, column: int) -> None:
    root = parse_yaml(source, Report("f"))
    assert isinstance(root, Mapping)
    node = root.entries[-1][1]
    assert isinstance(node, Scalar)
    found = make_passage(source, node)
    assert found.locate(found.text.index(word)) == Place(line, column)


def test_with_escapes_all_of_it_is_where_it_begins() -> None:
    found = passage('a: "one\\u0020two"\n')
    assert found.text == "one two"
    assert found.locate(0) == Place(1, 4)


@given(st.lists(st.text("ab c'\"#:-", min_size=1, max_size=12).map(str.strip).filter(bool), min_size=1, max_size=5))
def test_every_character_of_a_block_stands_where_the_passage_says(lines: list[str]) -> None:
    source = "a: |\n" + "".join(f"   {line}\n" for line in lines)
    found = passage(source)
    rows = source.split("\n")
    for offset, character in enumerate(found.text):
        if not character.isspace():
            place = found.locate(offset)
            assert rows[place.line - 1][place.column - 1] == character
