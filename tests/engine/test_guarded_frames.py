"""Whatever frames compile to passes the guard of SQL, so that a server can run it."""

from __future__ import annotations

from functools import cache

import pytest

import data_platform.functions as F
from data_platform.engine.frame import DataFrame
from data_platform.errors import FrameError
from data_platform.functions import Window, col, expr, lit, when
from data_platform.spec.sql.query import read_frame_statement
from tests.engine.spark_cases import cases
from tests.engine.spark_compare import frame_of

QUICK = 25
"""Every so many cases are compiled in the fast lane."""
_frame = cache(frame_of)


def compile_case(kind: str, table: str, text: str) -> DataFrame | None:
    """The frame of a case; None where frames refuse it."""
    frame = _frame(table)
    names = {"F": F, "col": col, "lit": lit, "when": when, "expr": expr, "Window": Window, "df": frame}
    try:
        made = eval(text, names)
        if kind == "frame":
            return made
        return frame.agg(made.alias("o")) if kind == "aggregate" else frame.select("k", made.alias("o"))
    except FrameError:
        return None


def check(step: int) -> int:
    frames = [frame for case in cases()[::step] if (frame := compile_case(*case)) is not None]
    for frame in frames:
        read_frame_statement(frame.sql(), ["rows", "rows_2"])
    return len(frames)


def test_functions_of_frames_pass_the_guard() -> None:
    assert check(QUICK) > 30


@pytest.mark.long
def test_every_function_of_frames_passes_the_guard() -> None:
    assert check(1) > 1_000
