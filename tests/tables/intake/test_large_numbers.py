"""Whole numbers beyond 64 bits keep every digit where no contract gives a type: text in CSV, decimal in JSON."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.tables.intake.reading import publish_rows, write

BEYOND = ["9300000000000000000", "10000000000000000000", "-9223372036854775809", "9223372036854775808", "1" + "0" * 22]


@pytest.mark.parametrize("number", BEYOND)
def test_they_are_text_in_csv(number: str, tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", f"id\n{number}\n1\n")
    assert publish_rows(path, None) == [{"id": number}, {"id": "1"}]


@pytest.mark.parametrize("number", BEYOND)
def test_they_are_decimals_in_json(number: str, tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", f'{{"id": {number}, "l": [{number}]}}\n{{"id": 1, "l": [1]}}\n')
    assert repr(publish_rows(path, None)[0]) == repr({"id": Decimal(number), "l": [Decimal(number)]})


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_they_are_decimals_beside_fractions(name: str, tmp_path: Path) -> None:
    numbers = [BEYOND[1], "1.5"]
    lines = ["id", *numbers] if name == "a.csv" else [f'{{"id": {number}}}' for number in numbers]
    values = [row["id"] for row in publish_rows(write(tmp_path, name, "\n".join(lines)), None)]
    assert repr(values) == repr([Decimal(BEYOND[1] + ".0"), Decimal("1.5")])


def test_the_bounds_of_64_bits_are_longs(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id\n9223372036854775807\n-9223372036854775808\n")
    assert publish_rows(path, None) == [{"id": 2**63 - 1}, {"id": -(2**63)}]
