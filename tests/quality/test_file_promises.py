"""Which promises a file can show to be kept, and why the others cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data_platform.quality.file_promises import FilePromise, list_file_promises
from data_platform.spec.product.model import Output, Sla, SlaProperty
from data_platform.spec.rules.model import Aggregate, Bound, Operator, Severity
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema

NOW = datetime(2028, 2, 29, 12, tzinfo=UTC)
SCHEMA = TableSchema(
    (
        SchemaColumn("at", Primitive(Kind.TIMESTAMPTZ)),
        SchemaColumn("local", Primitive(Kind.TIMESTAMP)),
        SchemaColumn("day", Primitive(Kind.DATE)),
        SchemaColumn("status", Primitive(Kind.STRING)),
    )
)


def promises(**sla: Any) -> tuple[FilePromise, ...]:
    return list_file_promises(Output("orders", sla=Sla(**sla)), SCHEMA, NOW)


def longest(value: object, unit: str | None) -> timedelta | None:
    (promise,) = promises(properties=(SlaProperty("retention", value, unit, "orders.day"),))  # type: ignore[arg-type]
    bound = promise.rule and promise.rule.bound.value
    return timedelta(seconds=bound) if isinstance(bound, float) else None


def test_freshness_is_the_age_of_the_newest_value_of_its_column() -> None:
    (promise,) = promises(freshness=timedelta(hours=2), freshness_text="2 hours", freshness_column="at")
    assert (promise.name, promise.demand, promise.reason) == ("freshness", "at most 2 hours old", None)
    assert promise.rule is not None
    assert promise.rule.severity is Severity.WARNING
    assert promise.rule.bound == Bound(Operator.LESS_OR_EQUAL, 7200.0)
    assert promise.rule.columns == ("at",)
    assert isinstance(promise.rule.measure, Aggregate)
    assert 'max("at")' in promise.rule.measure.expression


def test_what_needs_a_history_is_named_with_the_reason() -> None:
    freshness, availability, frequency = promises(
        freshness=timedelta(hours=2), availability=99.9, properties=(SlaProperty("frequency", 1, "d", "orders.at"),)
    )
    assert freshness.reason == "without a column it is the age of the last publish, which a file does not show"
    assert (availability.demand, availability.reason) == (
        "99.9%",
        "it is measured on reads over time, not on a file",
    )
    assert (frequency.demand, frequency.reason) == ("1 d", "the rows of a file do not show whether it is kept")
    assert [p.rule for p in (freshness, availability, frequency)] == [None, None, None]


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("status", "the column status is string, which is no date or time"),
        ("gone", "the column gone is not in the contract"),
    ],
)
def test_a_column_that_tells_no_time_shows_nothing(column: str, reason: str) -> None:
    (promise,) = promises(freshness=timedelta(hours=2), freshness_column=column)
    assert (promise.rule, promise.reason) == (None, reason)


@pytest.mark.parametrize(
    ("value", "unit", "length"),
    [
        (4, "d", timedelta(days=4)),
        (1, "week", timedelta(weeks=1)),
        (90, "min", timedelta(minutes=90)),
        (1.5, "hours", timedelta(hours=1.5)),
        (3, "y", NOW - datetime(2025, 2, 28, 12, tzinfo=UTC)),
        (1, "month", NOW - datetime(2028, 1, 29, 12, tzinfo=UTC)),
        (26, "months", NOW - datetime(2025, 12, 29, 12, tzinfo=UTC)),
        (9_999, "years", NOW - datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_retention_takes_the_units_of_the_standard(value: float, unit: str, length: timedelta) -> None:
    assert longest(value, unit) == length


@pytest.mark.parametrize(
    ("value", "unit"), [(3, "m"), (3, None), ("three", "days"), (True, "d"), (-1, "d"), (1.5, "y")]
)
def test_a_length_that_is_none_is_named(value: object, unit: str | None) -> None:
    assert longest(value, unit) is None
    (promise,) = promises(properties=(SlaProperty("retention", value, unit, "orders.day"),))  # type: ignore[arg-type]
    assert promise.reason is not None
    assert "is no length of time" in promise.reason


def test_retention_without_a_column_shows_nothing() -> None:
    (promise,) = promises(properties=(SlaProperty("retention", 3, "y"),))
    assert promise.reason == "it names no column (`element`) whose oldest value would show it"
