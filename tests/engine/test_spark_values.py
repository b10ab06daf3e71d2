"""Frames give the values that a real Spark gives, or refuse; what Spark answered is recorded beside this file."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path

import pytest

import data_platform.functions as F
from data_platform.engine.spark_functions.differences import DIFFERENCES
from tests.engine.spark_cases import TABLES, cases
from tests.engine.spark_compare import differences, frame_of

HERE = Path(__file__).parent
ANSWERS = HERE / "spark_answers.json"
SPARK = HERE.parent.parent / "build/pyspark/bin/python"
NO_VALUE = {"Column", "Window", "WindowSpec", "asc", "current_date", "current_timestamp"}
"""What is no function, is there without being named, or gives another value each time."""


@cache
def answers() -> dict:
    return json.loads(ANSWERS.read_text(encoding="utf-8"))["answers"]


def unlisted(kind: str, table: str, **options: bool) -> list[str]:
    """The differences that are not in the table of them."""
    frame = frame_of(table)
    return [
        f"{text}: {difference}"
        for _, _, text in [case for case in cases() if case[:2] == (kind, table)]
        if not any(listed.matches(text) for listed in DIFFERENCES)
        for difference in differences(frame, kind, text, answers()[f"{kind} {table} {text}"], **options)
    ]


@pytest.mark.long
@pytest.mark.parametrize(("kind", "table"), sorted({(kind, table) for kind, table, _ in cases()}))
def test_values_and_types_are_spark_s(kind, table):
    assert unlisted(kind, table) == []


@pytest.mark.engines
@pytest.mark.parametrize(("kind", "table"), sorted({(kind, table) for kind, table, _ in cases() if kind == "row"}))
def test_rows_beside_a_refused_one_have_spark_s_values(kind, table):
    assert unlisted(kind, table, alone=True) == []


def test_each_difference_that_is_listed_is_one():
    for difference in DIFFERENCES:
        listed = [case for case in cases() if difference.matches(case[2])]
        assert listed, difference
        assert any(
            list(differences(frame_of(table), kind, text, answers()[f"{kind} {table} {text}"]))
            for kind, table, text in listed
        ), difference


def test_every_function_is_asked():
    texts = " ".join(text for _, _, text in cases())
    without = [
        name
        for name in F.__all__
        if name not in NO_VALUE and f"F.{name}(" not in texts and f"{name}(" not in texts.replace(f"F.{name}", "")
    ]
    assert without == []
    assert set(TABLES) >= {table for _, table, _ in cases()}


@pytest.mark.engines
def test_a_real_spark_still_answers_as_recorded(tmp_path):
    asked = tmp_path / "answers.json"
    done = subprocess.run(
        [SPARK, HERE / "ask_spark.py", asked], capture_output=True, text=True, timeout=1500, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    now = json.loads(asked.read_text(encoding="utf-8"))["answers"]
    assert {key: (now[key], answers()[key]) for key in now if now[key] != answers().get(key)} == {}
    assert now.keys() == answers().keys()
