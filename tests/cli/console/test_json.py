"""Answers as JSON lose nothing and are safe to print."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.spec.text.hidden_characters import is_hidden
from data_platform.spec.text.json_values import dump_json, to_json_value

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(TREES)
def test_json_comes_back_as_it_was_and_holds_nothing_hidden(tree: Any) -> None:
    text = dump_json(tree, indent=2)
    assert json.loads(text) == tree
    assert [each for each in text if each != "\n" and is_hidden(each)] == []


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    at: datetime


@dataclass(frozen=True)
class Outer:
    inner: tuple[Inner, ...]
    colour: Colour


def test_dataclasses_become_objects_with_their_own_keys() -> None:
    moment = datetime(2026, 11, 14, 9, 30, tzinfo=timezone(timedelta(hours=7)))
    assert to_json_value(Outer((Inner(moment),), Colour.RED)) == {
        "inner": [{"at": "2026-11-14T02:30:00Z"}],
        "colour": "red",
    }


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1.50"), "1.50"),
        (b"\x00\xff", "AP8="),
        (math.nan, "NaN"),
        ([math.inf, -math.inf], ["Infinity", "-Infinity"]),
        (timedelta(days=1, seconds=90), "P1DT1M30S"),
        (datetime(2026, 1, 1), "2026-01-01T00:00:00"),
        (datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC), "2026-01-01T00:00:00.000001Z"),
        (date(2026, 1, 1), "2026-01-01"),
        (Path("/a/b"), "/a/b"),
        (frozenset({"x"}), ["x"]),
    ],
)
def test_values_that_json_does_not_know(value: object, written: object) -> None:
    assert to_json_value(value) == written


def test_what_has_no_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="object cannot be converted to JSON"):
        to_json_value(object())
