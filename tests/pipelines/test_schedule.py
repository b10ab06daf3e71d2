"""Cron expressions: what a schedule may say."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.errors import BadInput
from data_platform.pipelines.schedule import check_cron

CASES = Path(__file__).parents[3] / "shared" / "cases" / "cron"


@pytest.mark.parametrize(
    "text",
    [
        "*/15 * * * *",
        "0 6 * * mon-fri",
        "0 0 29 2 *",
        "0 0 L * *",
        "0 9 15W * *",
        "0 9 * * fri#2",
        " 0  0\t* * SUN",
        "0 0 ? * 1",
    ],
)
def test_what_cron_knows_is_accepted(text: str) -> None:
    check_cron(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has 0 fields, not five"),
        ("@daily", "no cron expression"),
        ("daily", "has 1 field, not five"),
        ("* * * * * *", "has 6 fields, not five"),
        ("0 0 11 * * 0 2050", "has 7 fields, not five"),
        ("61 * * * *", "out of range"),
        ("* * * * * ;", "no cron expression"),
        ("R * * * *", "leaves a field to chance"),
        ("0 h * * *", "leaves a field to chance"),
        ("0 0 30 2 *", "never fires"),
        ("0 0 31 4,6,9,11 *", "never fires"),
        ("\u0665 * * * *", "no cron expression"),
        ("* * * *\n*", "no cron expression"),
        ("1," * 100_000 + "1 * * * *", "no cron expression"),
    ],
)
def test_anything_else_is_refused_with_its_reason_and_how_to_write_it(text: str, said: str) -> None:
    started = time.process_time()
    with pytest.raises(BadInput, match="five fields") as refusal:
        check_cron(text)
    assert said in refusal.value.message
    assert time.process_time() - started < 5


@given(st.text(st.sampled_from("0123456789*/,-#?LWlwRHabcjansundfri \t"), max_size=30))
def test_any_text_is_accepted_or_refused(text: str) -> None:
    try:
        check_cron(text)
    except BadInput as refusal:
        assert refusal.message.isprintable()


def cases(name: str) -> list[dict[str, Any]]:
    if not CASES.is_dir():
        pytest.skip(f"the shared cases are not here: {CASES}")
    loaded: list[dict[str, Any]] = json.loads((CASES / name).read_text())
    return loaded


def test_every_invalid_case_of_croniter_is_refused() -> None:
    for case in cases("invalid.json"):
        if case["valid"] is True:
            check_cron(case["expr"])
        else:
            with pytest.raises(BadInput):
                check_cron(case["expr"])


def test_every_case_of_croniter_in_five_fields_is_accepted() -> None:
    standard = [case["expr"] for case in cases("next.json") if case["syntax"] == "standard5"]
    assert len(standard) > 40
    for expression in standard:
        check_cron(expression)
