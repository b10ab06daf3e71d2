"""A quality rule as typed data: what is measured, what it must be, and how grave a failure is.

Rules come from `quality_rules` and `expect` in product.yaml, from the schema's own constraints, from the primary key
and from a pipeline's `expectations`. All of them become a `Rule`; one audit runs them all. Execution is elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Operator(StrEnum):
    """The eight operators of ODCS 3.2.0 (Data Quality); between includes both ends."""

    MUST_BE = "mustBe"
    MUST_NOT_BE = "mustNotBe"
    GREATER = "mustBeGreaterThan"
    GREATER_OR_EQUAL = "mustBeGreaterOrEqualTo"
    LESS = "mustBeLessThan"
    LESS_OR_EQUAL = "mustBeLessOrEqualTo"
    BETWEEN = "mustBeBetween"
    NOT_BETWEEN = "mustNotBeBetween"


class Severity(StrEnum):
    """A blocking failure refuses the publish; a warning is recorded."""

    BLOCKING = "blocking"
    WARNING = "warning"


class Unit(StrEnum):
    """Whether the measured value counts rows or is their share in percent (0–100)."""

    ROWS = "rows"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Bound:
    """What the measured value must be; `value` is a number, or (low, high) for the two between operators."""

    operator: Operator
    value: float | int | tuple[float | int, float | int]


@dataclass(frozen=True, slots=True)
class Sql:
    """A measure the domain team wrote: one SELECT giving one number, run verbatim."""

    query: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A measure of ours: the number of rows for which `predicate` (a SQL condition over the table) is true."""

    predicate: str


@dataclass(frozen=True, slots=True)
class Duplicates:
    """A measure of ours: the rows beyond the first of each group with equal non-null values in `columns`."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowCount:
    """A measure of ours: the number of rows."""


Measure = Sql | Wrong | Duplicates | RowCount


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule over one output; `origin` says where it was written: quality_rules, expect, schema, primary_key, pipeline."""

    name: str
    measure: Measure
    bound: Bound = Bound(Operator.LESS_OR_EQUAL, 0)
    severity: Severity = Severity.BLOCKING
    unit: Unit = Unit.ROWS
    dimension: str | None = None
    description: str | None = None
    column: str | None = None
    origin: str = "quality_rules"
