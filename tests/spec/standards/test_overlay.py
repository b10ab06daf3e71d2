"""What a foreign document says beyond ours is a difference that can be laid over ours again."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.spec.standards.overlay import difference, laid
from tests.hypothesis_lanes import examples
from tests.spec.standards.contained import lost

scalars = st.booleans() | st.integers(0, 2) | st.text("ab", max_size=2)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.fixed_dictionaries({"property": st.sampled_from("pqr")}, optional={"v": inner, "w": inner})
    lists = st.lists(named, max_size=4)
    mapping = st.fixed_dictionaries({}, optional={"customProperties": lists, "a": inner, "b": inner})
    return st.lists(inner, max_size=3) | mapping


values = st.recursive(scalars, nested, max_leaves=10)
documents = st.dictionaries(st.sampled_from(["a", "customProperties", "tags"]), values, max_size=3)


@given(documents, documents)
@settings(max_examples=examples(100), deadline=None)
def test_laid_over_ours_it_says_all_that_theirs_said(ours: Any, theirs: Any) -> None:
    over = difference(ours, theirs)
    assert list(lost(theirs, ours if over is None else laid(ours, over))) == []


@given(documents)
@settings(deadline=None)
def test_between_equals_there_is_none(document: Any) -> None:
    assert difference(document, document) is None


def test_only_what_differs_is_said_and_named_things_are_joined_by_name() -> None:
    ours = {"properties": [{"name": "a", "type": "x"}, {"name": "b", "type": "x"}]}
    theirs = {"properties": [{"name": "a", "type": "x"}, {"name": "b", "type": "y", "id": 1}]}
    over = difference(ours, theirs)
    assert over == {"properties": [{"name": "b", "type": "y", "id": 1}]}
    grown = {"properties": [{"name": "a", "type": "z"}, *ours["properties"][1:], {"name": "c"}]}
    assert laid(grown, over)["properties"] == [
        {"name": "a", "type": "z"},
        {"name": "b", "type": "y", "id": 1},
        {"name": "c"},
    ]


def test_another_order_is_kept_by_naming_all() -> None:
    ours = {"slaProperties": [{"property": "a"}, {"property": "b"}]}
    theirs = {"slaProperties": [{"property": "b"}, {"property": "a"}]}
    assert laid(ours, difference(ours, theirs)) == theirs


def test_twins_meet_in_their_order() -> None:
    ours = {"slaProperties": [{"property": "a", "v": 1}, {"property": "a", "v": 2}]}
    theirs = {"slaProperties": [{"property": "a", "v": 1}, {"property": "a", "v": 2, "w": 3}]}
    assert laid(ours, difference(ours, theirs)) == theirs


def test_true_is_not_one() -> None:
    assert difference({"v": 1}, {"v": True}) == {"v": True}
