"""The first publish of an output without a schema shows no value of a column that product.yaml declares personal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from data_platform.errors import DataPlatformError
from tests.meshes import World

ZONED = dt.time(11, 47, 53, tzinfo=dt.UTC)
PRECISE = pd.Timestamp("1977-11-23T11:47:53.123456789")
LARGE = 9007199254740993
HALF = "\ud800CANARY"

CASES: dict[str, tuple[Any, str]] = {
    "a number that no float holds": ([{"salary": LARGE}, {"salary": 0.5}], "9007199254740993"),
    "nanoseconds": ([{"salary": PRECISE}], "1977"),
    "a time with a zone": ([{"salary": ZONED}], "11, 47"),
    "a duration": ([{"salary": dt.timedelta(seconds=97531)}], "97531"),
    "half a character": ([{"salary": HALF}], "CANARY"),
    "a list": ([{"salary": [LARGE, 0.5]}], "9007199254740993"),
    "an object": ([{"salary": {"paid": {"at": ZONED}}}], "11, 47"),
    "an iterator": (iter([{"salary": LARGE}, {"salary": 0.5}]), "9007199254740993"),
    "pandas, objects": (pd.DataFrame({"salary": pd.Series([LARGE, 0.5], dtype=object)}), "9007199254740993"),
    "pandas, times": (pd.DataFrame({"salary": pd.Series([ZONED], dtype=object)}), "11, 47"),
    "pandas, nested": (pd.DataFrame({"salary": [[{"at": PRECISE}]]}), "1977"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_refusal_hides_the_value(world: World, case: str) -> None:
    data, canary = CASES[case]
    product = world.product("people", more="pii_columns: [salary]")
    with pytest.raises(DataPlatformError) as refusal:
        product.publish("t", data)
    said = f"{refusal.value.message} {getattr(refusal.value, 'mismatches', ())} {refusal.value.hint}"
    assert "salary" in said
    assert canary not in said


def test_it_says_why_the_value_is_missing(world: World) -> None:
    product = world.product("people", more="pii_columns: [salary]")
    with pytest.raises(DataPlatformError, match="not shown: it is protected") as refusal:
        product.publish("t", [{"salary": LARGE, "id": 1}, {"salary": 0.5, "id": LARGE}, {"salary": 1, "id": 0.5}])
    assert "9007199254740993 in row 2 is a whole number" in refusal.value.message  # id is not personal
    assert "9007199254740993 in row 1" not in refusal.value.message
