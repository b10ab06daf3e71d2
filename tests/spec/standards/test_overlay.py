"""What a foreign document says beyond ours is a difference that can be laid over ours again."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.spec.standards.overlay import apply_overlay, compute_overlay
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
    over = compute_overlay(ours, theirs)
    assert list(lost(theirs, ours if over is None else apply_overlay(ours, over))) == []


@given(documents)
@settings(deadline=None)
def test_between_equals_there_is_none(document: Any) -> None:
    assert compute_overlay(document, document) is None


def test_only_what_differs_is_said_and_named_things_are_joined_by_name() -> None:
    ours = {"properties": [{"name": "a", "type": "x"}, {"name": "b", "type": "x"}]}
    theirs = {"properties": [{"name": "a", "type": "x"}, {"name": "b", "type": "y", "id": 1}]}
    over = compute_overlay(ours, theirs)
    assert over == {"properties": [{"name": "b", "type": "y", "id": 1}]}
    grown = {"properties": [{"name": "a", "type": "z"}, *ours["properties"][1:], {"name": "c"}]}
    assert apply_overlay(grown, over)["properties"] == [
        {"name": "a", "type": "z"},
        {"name": "b", "type": "y", "id": 1},
        {"name": "c"},
    ]


def test_another_order_is_kept_by_naming_all() -> None:
    ours = {"slaProperties": [{"property": "a"}, {"property": "b"}]}
    theirs = {"slaProperties": [{"property": "b"}, {"property": "a"}]}
    assert apply_overlay(ours, compute_overlay(ours, theirs)) == theirs


def test_twins_meet_in_their_order() -> None:
    ours = {"slaProperties": [{"property": "a", "v": 1}, {"property": "a", "v": 2}]}
    theirs = {"slaProperties": [{"property": "a", "v": 1}, {"property": "a", "v": 2, "w": 3}]}
    assert apply_overlay(ours, compute_overlay(ours, theirs)) == theirs


def test_true_is_not_one() -> None:
    assert compute_overlay({"v": 1}, {"v": True}) == {"v": True}
