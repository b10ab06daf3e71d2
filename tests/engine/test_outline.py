"""A frame's outline says what it does, and holds no value that it looks for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from data_platform.functions import col, concat, lit, when
from tests.engine.conftest import Published

SECRET = "somchai@example.com"


@pytest.fixture
def people(published: Published):
    return published("people", {"id": [1, 2], "email": [SECRET, "b"], "paid": [Decimal("1.50"), None]})


@pytest.mark.parametrize(
    "frame",
    [
        lambda people: people.where(f"email = '{SECRET}'"),
        lambda people: people.where(col("email").isin([SECRET, "x"])),
        lambda people: people.withColumn("who", lit(SECRET)),
        lambda people: people.withColumn("who", concat(col("email"), lit(SECRET))),
        lambda people: people.withColumn("who", when(col("email") == SECRET, 1).otherwise(0)),
        lambda people: people.where(f"email LIKE '{SECRET}%'").limit(7),
        lambda people: people.fillna(SECRET),
        lambda people: people.where("email = X'736F6D63686169'"),
    ],
)
def test_no_text_that_a_frame_looks_for_is_in_it(people, frame) -> None:
    outline = frame(people).outline
    assert "FROM" in outline
    assert "somchai" not in outline
    assert "736F6D63686169" not in outline.upper()


def test_no_number_or_date_is_in_it_but_the_digits_of_a_type_are(people) -> None:
    outline = (
        people.where("id < 4711").where(col("paid") > Decimal("31.41")).withColumn("at", lit(date(1987, 6, 5))).outline
    )
    assert not any(value in outline for value in ("4711", "31.41", "1987"))
    assert "DECIMAL(12,3)" in people.select(col("paid").cast("decimal(12,3)")).outline


def test_it_names_what_is_read(people) -> None:
    assert people.select("id").outline.split() == ["SELECT", '"people_v1"."id"', "FROM", '"people_v1"']


@pytest.mark.long
def test_what_is_too_large_is_not_told(people) -> None:
    assert people.where(col("id").isin(list(range(9_000)))).outline is None
