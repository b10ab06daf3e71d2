"""JSON with positions: every value knows its place, and what readers disagree on is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import InvalidSpec, Problem
from data_platform.spec.text.json_document import JsonReport, Node, parse_json
from tests.hypothesis_lanes import examples

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def parse(text: str) -> Node:
    return parse_json(text, JsonReport("f.json"))


def problem(text: str) -> Problem:
    with pytest.raises(InvalidSpec) as caught:
        parse(text)
    return caught.value.problems[0]


@given(documents, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
@settings(max_examples=examples(100), deadline=None)
def test_the_tree_holds_what_the_json_module_reads(document: Any, indent: Any, ascii_only: bool) -> None:
    assert parse(json.dumps(document, indent=indent, ensure_ascii=ascii_only)).to_plain() == document


@given(documents, st.sampled_from([0, 2]))
@settings(max_examples=examples(50), deadline=None)
def test_every_value_stands_where_it_says(document: Any, indent: int) -> None:
    lines = json.dumps(document, indent=indent).split("\n")

    def check(node: Node) -> None:
        rest = lines[node.line - 1][node.column - 1 :]
        opens = {dict: "{", list: "["}.get(type(node.value)) or json.dumps(node.value)
        assert rest.startswith(opens)
        for child in [member.node for member in node.words.values()] + node.items:
            check(child)

    check(parse("\n".join(lines)))


def test_keys_know_their_place_with_bom_and_windows_line_ends() -> None:
    root = parse('\ufeff{\r\n  "a": 1,\r\n  "b": {"c": 2}\r\n}')
    b = root.words["b"]
    assert (b.key.line, b.key.column) == (3, 3)
    assert (b.node.words["c"].node.line, b.node.words["c"].node.column) == (3, 14)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('{"a": 1,\n "a": 2}', (2, 2), "appears twice, first in line 1"),
        ('{"a": NaN}', (1, 7), "NaN is not JSON"),
        ('{"a": -Infinity}', (1, 7), "-Infinity is not JSON"),
        ('{"a": 1e999}', (1, 7), "too large"),
        ('{"a": ' + "9" * 5000 + "}", (1, 7), "5,000 characters"),
        ('{"a": "\\ud800"}', (1, 7), "half a surrogate pair"),
        ('{"a": "\\u0000"}', (1, 7), "NUL"),
        ('{"a" 1}', (1, 6), "not JSON"),
        ("", (1, 1), "not JSON"),
        ("{'a': 1}", (1, 2), "not JSON"),
        ('{"a": "b\nc"}', (1, 9), "not JSON"),
        ("[" * 200 + "]" * 200, (1, 102), "deeper than 100"),
        ("[" * 100_000 + "]" * 100_000, (1, 1), "deeper than 100"),
        ("[" + "1," * 60_000 + "1]", (1, 100_000), "more than 50,000 values"),
        ('"' + "x" * 1_000_000 + '"', (1, 1), "1,000,000 is the limit"),
        ('"' + '\\"' * 400_000, (1, 1), "not JSON"),
    ],
)
def test_hostile_text_is_refused_where_it_stands(text: str, place: tuple[int, int], message: str) -> None:
    found = problem(text)
    assert (found.line, found.column) == place
    assert message in found.message


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ('{"a": 1,}', 1, "this bracket follows a comma", "remove the comma"),
        ("{'a': 1}", 1, "texts are written in double quotes", "write \" instead of '"),
        ('{"a": 1\n\n', 1, "the file ends inside an object or a list", "write it to its end"),
        ('{"a": "b\n', 1, "a line break or a tab is inside a text", "close the text"),
        ('// note\n{"a": 1}', 1, "it has no comments", "remove the comment"),
        ('{"a": True}', 1, "this is a word of Python", "true, false or null"),
        ('{"a": 1\n "b": 2}', 2, "a comma or a closing bracket is missing before this", "add it"),
        ('{"a": b}', 1, "this is no value", "double quotes"),
        ('{"a" 1}', 1, "a colon is missing", "KEY"),
        ('{"a": "\\q"}', 1, "this escape is unknown", "backslash"),
        ('{"a": 1} x', 1, "more text follows", "one object"),
        (" \n", 1, "the file is empty", "properties"),
    ],
)
def test_what_is_no_json_has_a_hint(text: str, line: int, message: str, hint: str) -> None:
    with pytest.raises(InvalidSpec) as caught:
        parse_json(text, JsonReport("s.json"))
    (problem,) = caught.value.problems
    assert problem.line == line
    assert message in problem.message
    assert hint in str(problem.hint)
