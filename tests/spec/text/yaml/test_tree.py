"""YAML as a tree with places: everything that is data is read, everything that is a trap is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import InvalidSpec
from data_platform.spec.product.yaml.values import read_plain
from data_platform.spec.text.report import Place, Report
from data_platform.spec.text.yaml import Mapping, Node, Scalar, ScalarKind, Sequence, parse_yaml
from data_platform.spec.text.yaml.tree import MAX_DEPTH, MAX_NODES

BREAKS = "\x85\u2028\u2029"
"""Line breaks that the reference writer itself writes wrong."""
EXPONENT = re.compile(r"-?[0-9]+[eE][-+]?[0-9]+")
"""`1E5` is text to the reference writer (YAML 1.1), which leaves it without quotes, and a number in YAML 1.2."""
written = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0" + BREAKS), max_size=12)
texts = written.filter(lambda text: not EXPONENT.fullmatch(text))
numbers = st.integers(-(10**17), 10**17) | st.floats(-1e15, 1e15, allow_nan=False)
data = st.recursive(
    texts | numbers | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def parse(text: str) -> Node:
    report = Report("f.yaml")
    node = parse_yaml(text, report)
    report.close()
    return node


def refusal(text: str) -> str:
    with pytest.raises(InvalidSpec) as caught:
        parse(text)
    return caught.value.problems[0].message


def plain(text: str) -> Any:
    report = Report("f.yaml")
    return read_plain(report, parse_yaml(text, report), "a value")


@given(data, st.booleans(), st.sampled_from([None, False, True]))
@settings(deadline=None)
def test_what_the_reference_writer_writes_is_read_back(value: Any, unicode: bool, flow: bool | None) -> None:
    text = yaml.safe_dump(value, allow_unicode=unicode, default_flow_style=flow)
    assert plain(text) == value


@given(st.text())
@settings(deadline=None)
def test_any_text_is_a_tree_or_refused(text: str) -> None:
    try:
        parse(text)
    except InvalidSpec as error:
        assert error.problems


def test_keys_and_values_know_their_places() -> None:
    root = parse("é: 1\r\nlist:\r\n  - a\r\n  - 'b'\r\n")
    assert isinstance(root, Mapping)
    (_, one), (key, items) = root.entries
    assert one.place == Place(1, 4)
    assert key.place == Place(2, 1)
    assert isinstance(items, Sequence)
    assert [item.place for item in items.items] == [Place(3, 5), Place(4, 5)]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("no", ScalarKind.BOOLEAN),
        ("True", ScalarKind.BOOLEAN),
        ("ON", ScalarKind.BOOLEAN),
        ("'no'", ScalarKind.TEXT),
        ("~", ScalarKind.NULL),
        ("0", ScalarKind.INTEGER),
        ("-12", ScalarKind.INTEGER),
        ("1000000000000000000", ScalarKind.INTEGER),
        ("9223372036854775807", ScalarKind.INTEGER),
        ("9223372036854775808", ScalarKind.HUGE),
        ("-9223372036854775808", ScalarKind.INTEGER),
        ("-9223372036854775809", ScalarKind.HUGE),
        ("9" * 5000, ScalarKind.HUGE),
        ("1.10", ScalarKind.FLOAT),
        ("1e5", ScalarKind.FLOAT),
        ("1e999", ScalarKind.NOT_FINITE),
        (".NaN", ScalarKind.NOT_FINITE),
        ("-.inf", ScalarKind.NOT_FINITE),
        ("010", ScalarKind.ODD_NUMBER),
        ("0x1F", ScalarKind.ODD_NUMBER),
        ("1_000", ScalarKind.ODD_NUMBER),
        ("12:30", ScalarKind.ODD_NUMBER),
        ("+5", ScalarKind.ODD_NUMBER),
        (".5", ScalarKind.ODD_NUMBER),
        ("2024-01-31", ScalarKind.DATE),
        ("2024-01-31T12:00:00Z", ScalarKind.DATE),
        ("1.0.0", ScalarKind.TEXT),
        ("99.9%", ScalarKind.TEXT),
        ("15 minutes", ScalarKind.TEXT),
        ("o@x.ch", ScalarKind.TEXT),
        ("nan", ScalarKind.TEXT),
    ],
)
def test_a_plain_word_is_what_any_reader_of_yaml_takes_it_for(word: str, kind: ScalarKind) -> None:
    node = parse(word)
    assert isinstance(node, Scalar)
    assert node.kind is kind


def test_an_alias_stands_for_its_value() -> None:
    assert plain("a: &x [1, 2]\nb: *x\n") == {"a": [1, 2], "b": [1, 2]}


def test_exploding_aliases_are_refused_before_they_explode() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "aliases written out" in refusal("a0: &a0 [x]\n" + "\n".join(levels))


def test_a_recursive_alias_is_refused() -> None:
    assert refusal("a: &x {b: [*x]}") == 'the alias "x" holds itself'


@pytest.mark.long
def test_depth_and_size_have_limits() -> None:
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert "deeper" in refusal("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert parse("- a\n" * (MAX_NODES - 1))
    assert f"{MAX_NODES:,} values" in refusal("- a\n" * MAX_NODES)


def test_aliases_cannot_nest_deeper_than_text_can() -> None:
    deep = "[" * 20 + "{}" + "]" * 20
    chain = "".join(f"a{n}: &a{n} {deep.format(f'*a{n - 1}')}\n" for n in range(1, 40))
    assert "deeper" in refusal("a0: &a0 x\n" + chain)


def test_all_duplicate_keys_are_told_with_their_first_place() -> None:
    with pytest.raises(InvalidSpec) as caught:
        parse("a: 1\nb: {c: 1, c: 2}\na: 2\n")
    assert [(p.line, p.column, p.message) for p in caught.value.problems] == [
        (2, 11, '"c" appears twice, first in line 2'),
        (3, 1, '"a" appears twice, first in line 1'),
    ]


UNCLOSED = """\
# a product
name: orders
domain: commerce
owner: QUOTEa@example.com
description: QUOTETODO: what it is forQUOTE
version: QUOTE0.1.0QUOTE  # in quotes
"""


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("rest", ["", "outputs:\n  - name: orders\n    tags: [QUOTEaQUOTE, b]\n", "x: QUOTE: #QUOTE\n"])
def test_a_quote_that_is_not_closed_is_reported_where_it_opens(quote: str, rest: str) -> None:
    report = Report("f.yaml")
    with pytest.raises(InvalidSpec) as caught:
        parse_yaml((UNCLOSED + rest).replace("QUOTE", quote), report)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (4, 8)
    assert problem.hint == f"close it with {quote}"


@given(st.integers(0, 7), st.sampled_from(["'", '"']))
@settings(deadline=None)
def test_the_line_of_an_unclosed_quote_is_the_line_of_the_error(at: int, quote: str) -> None:
    lines = [f"key{number}: {quote}some text{quote}" for number in range(9)]
    lines[at] = lines[at][:-1]
    with pytest.raises(InvalidSpec) as caught:
        parse("\n".join(lines) + "\n")
    assert caught.value.problems[0].line == at + 1


def test_a_quoted_text_of_several_lines_is_not_suspected() -> None:
    assert plain("a: \"one\n  two\"\nb: ['x\n  y', z]\n") == {"a": "one two", "b": ["x y", "z"]}
    with pytest.raises(InvalidSpec) as caught:
        parse('a: "one\n  two"  # comment\nb: [1\n')
    assert caught.value.problems[0].line == 3
