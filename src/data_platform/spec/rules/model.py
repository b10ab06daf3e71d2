"""A quality rule as typed data: its measure, its bound and its severity.

Rules come from `quality_rules` and `expect` in product.yaml, from the schema's own constraints, from the primary
key and from a pipeline's `expectations`. All of them become a `Rule`; one audit runs them all. Execution is
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


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
    """What the measured value must be; `value` is a number, or (low, high) for the two between operators.

    Between a number and itself is that number: ODCS requires two different ends.
    """

    operator: Operator
    value: float | int | tuple[float | int, float | int]

    def __post_init__(self) -> None:
        if isinstance(self.value, tuple) and self.value[0] == self.value[1]:
            alone = Operator.MUST_BE if self.operator is Operator.BETWEEN else Operator.MUST_NOT_BE
            object.__setattr__(self, "operator", alone)
            object.__setattr__(self, "value", self.value[0])


Threshold = float | int | Sequence[float | int]

_SIGNS = {
    "mustBe": "=",
    "mustNotBe": "≠",
    "mustBeGreaterThan": ">",
    "mustBeGreaterOrEqualTo": "≥",
    "mustBeLessThan": "<",
    "mustBeLessOrEqualTo": "≤",
    "mustBeBetween": "between",
    "mustNotBeBetween": "not between",
}


def describe_demand(operator: str, threshold: Threshold, unit: str) -> str:
    """The demand of a rule as text: `≤ 0`, `≤ 5 %`, `between 1 and 9`."""
    ends = threshold if isinstance(threshold, Sequence) else (threshold,)
    percent = " %" if unit == Unit.PERCENT else ""
    return f"{_SIGNS[operator]} {' and '.join(map(_format_number, ends))}{percent}"


def _format_number(number: float | int) -> str:
    """The number without a zero fraction: 5.0 is 5."""
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


AT_MOST_NONE = Bound(Operator.LESS_OR_EQUAL, 0)
"""The default bound of a rule: nothing wrong."""


@dataclass(frozen=True, slots=True)
class SqlMeasure:
    """A measure the domain team wrote: one SELECT giving one number, run verbatim."""

    query: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A measure of ours: the number of rows for which `predicate` (a SQL condition over the table) is true.

    In percent it is their share of the rows for which `among` is true (None: of all rows).
    """

    predicate: str
    among: str | None = None


@dataclass(frozen=True, slots=True)
class Duplicates:
    """A measure of ours: the rows beyond the first of each group with equal values in `columns`.

    With `members` every row of such a group counts, and in percent the rows that are looked at are the whole. `unless`
    says which rows are passed over: those with any null in `columns`, with nulls alone (all), or none (never).
    """

    columns: tuple[str, ...]
    members: bool = False
    unless: str = "any"


@dataclass(frozen=True, slots=True)
class RowCount:
    """A measure of ours: the number of rows."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A measure of ours: one number over the whole table, as a SQL expression such as `max("price")`."""

    expression: str


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """A measure of ours that reads no values: how many columns the table has, or how many of them differ from `names`.

    `compared` is count (the number of columns), order (the places with another name than `names` has there), subset
    (those of `names` that are absent) or set (these, and columns that `names` lacks).
    """

    names: tuple[str, ...] = ()
    compared: str = "count"


@dataclass(frozen=True, slots=True)
class Query:
    """A measure of ours that no aggregate says: one SELECT giving one number, reading the output as `OUTPUT`.

    In percent `whole` is the SELECT of what is 100 %.
    """

    count: str
    whole: str | None = None


@dataclass(frozen=True, slots=True)
class PersonalData:
    """A measure of ours that no SQL says: the share of sampled values that look like personal data of a kind."""

    kind: str


OUTPUT = "this output"
"""The table's name in a `Query`; no output can have it, since the name of an output has no space."""

Measure = SqlMeasure | Wrong | Duplicates | RowCount | Aggregate | ColumnNames | Query | PersonalData

DIMENSIONS = (
    "accuracy",
    "completeness",
    "conformity",
    "consistency",
    "coverage",
    "timeliness",
    "uniqueness",
)
"""The seven dimensions of ODCS 3.2.0."""


@dataclass(frozen=True, slots=True)
class Declared:
    """How a rule was written: the library metric or the expectation of that name, its arguments as JSON values."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict, hash=False)


PII_DETECTION = "pii_detection"
"""The origin of what a publish finds by itself: personal data that nobody declared."""

EXPECTED_BY = "expectation of "
"""The prefix of the origin of a rule that a consumer declares."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule over one output, about `columns` (SQL of the domain team's names one at most).

    `origin` says where it was written: quality_rules, expect, schema, primary_key, pipeline, `expectation of PRODUCT`
    (a consumer's), pii_detection. `declared` is None for
    SQL and for what no file declares; `odcs` is what an ODCS contract says of the rule beside and instead of this.
    """

    name: str
    measure: Measure
    bound: Bound = AT_MOST_NONE
    severity: Severity = Severity.BLOCKING
    unit: Unit = Unit.ROWS
    dimension: str | None = None
    description: str | None = None
    columns: tuple[str, ...] = ()
    origin: str = "quality_rules"
    declared: Declared | None = None
    odcs: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def expected_by(self) -> str | None:
        """The product that expects it of its input; None for a rule that the output's own product declares."""
        return self.origin.removeprefix(EXPECTED_BY) if self.origin.startswith(EXPECTED_BY) else None

    @property
    def is_scored(self) -> bool:
        """Whether it counts in the score: it is neither a consumer's nor what a publish finds by itself."""
        return self.expected_by is None and self.origin != PII_DETECTION

    @property
    def query(self) -> str | None:
        """The SELECT of a rule that may read inputs beside its own output."""
        match self.measure:
            case SqlMeasure(query) | Query(query):
                return query
            case _:
                return None

    @property
    def column(self) -> str | None:
        """The column that the rule is about, when it is about a single one."""
        return self.columns[0] if len(self.columns) == 1 else None


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A check of ODCS that the platform cannot run: kept, exported, and named wherever a verdict is shown.

    `kind` is ODCS's type (text, library, sql, custom), `why` says in a few words why it does not run, and `check` is
    the check as ODCS 3.2.0 (Data Quality) writes it.
    """

    name: str
    kind: str
    why: str
    column: str | None = None
    check: Mapping[str, Any] = field(default_factory=dict, hash=False)
