"""The results of an audit: one for each rule, and their verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from data_platform.errors import Refused
from data_platform.spec.rules.model import PII_DETECTION, Rule, Severity, SqlMeasure, describe_demand

HOW_TO_DECLARE = (
    'declare personal data in product.yaml (pii_columns) or in the schema ("pii": true); '
    'where values only look like it, the schema says why ("not_pii": "REASON")'
)


class Outcome(StrEnum):
    """`error` is a rule that gave no verdict; a blocking rule in error refuses like a failed one."""

    PASSED = "passed"
    WARNED = "warned"
    REFUSED = "refused"


Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule's finding: `value` is what was measured (None when `error` says why not), `rows` 20 failing rows.

    `note` says in words what the number and the bound say too little about.
    """

    rule: Rule
    passed: bool
    value: float | int | None = None
    error: str | None = None
    rows: tuple[Row, ...] = ()
    note: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether this result refuses the publish."""
        return not self.passed and self.rule.severity is Severity.BLOCKING


@dataclass(frozen=True, slots=True)
class Verdict:
    """All results of one audit, and how many rows it judged."""

    results: tuple[RuleResult, ...] = ()
    rows: int | None = None

    @property
    def hint(self) -> str | None:
        """What to do about undeclared personal data, if there is some."""
        undeclared = any(result.rule.origin == PII_DETECTION for result in self.results)
        return HOW_TO_DECLARE if undeclared else None

    @property
    def failures(self) -> tuple[RuleResult, ...]:
        """The results that did not pass, blocking ones first."""
        return tuple(sorted((r for r in self.results if not r.passed), key=lambda r: not r.blocks))

    @property
    def outcome(self) -> Outcome:
        """Refused by any blocking failure, else warned by any failure, else passed."""
        if any(result.blocks for result in self.results):
            return Outcome.REFUSED
        return Outcome.WARNED if self.failures else Outcome.PASSED

    @property
    def passed(self) -> bool:
        """Whether nothing blocks."""
        return self.outcome is not Outcome.REFUSED


def hide_consumers(verdict: Verdict, hidden: Collection[str]) -> Verdict:
    """The verdict as its publisher sees it: of the consumers in `hidden` it has what blocks, without names and SQL."""
    if not hidden:
        return verdict
    visible = (
        _hide_rule(result) if result.rule.expected_by in hidden else result
        for result in verdict.results
        if result.rule.expected_by not in hidden or result.blocks
    )
    return replace(verdict, results=tuple(visible))


def _hide_rule(result: RuleResult) -> RuleResult:
    rule = Rule("a product that is hidden: an expectation", SqlMeasure(""), result.rule.bound, unit=result.rule.unit)
    return RuleResult(rule, result.passed, result.value, "it gave no verdict" if result.error else None, result.rows)


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed rule: `value` was measured (None when `error` says why not), and `operator threshold` was wanted."""

    rule: str
    severity: str
    value: float | int | None
    operator: str
    threshold: float | int | tuple[float | int, float | int]
    unit: str
    rows: tuple[Row, ...]
    error: str | None = None
    note: str | None = None

    @classmethod
    def from_result(cls, result: RuleResult) -> Failure:
        """The failure of a result that did not pass."""
        rule, bound = result.rule, result.rule.bound
        wanted = (bound.operator.value, bound.value, rule.unit.value)
        return cls(rule.name, rule.severity.value, result.value, *wanted, result.rows, result.error, result.note)

    @property
    def demand(self) -> str:
        """What was wanted, in words."""
        return describe_demand(self.operator, self.threshold, self.unit)

    def __str__(self) -> str:
        if self.note is not None:
            return f"{self.rule}: {self.note}"
        measured = "a protected number" if self.value is None else self.value
        return f"{self.rule}: {self.error or f'{measured}, and {self.demand} was wanted'}"


class DataQualityError(Refused):
    """Blocking rules failed: `.failures` has rule, severity, value, threshold, up to 20 failing rows (PII masked).

    They name none of the consumers in `hidden`; `.verdict` is what is recorded.
    """

    verdict: Verdict
    failures: tuple[Failure, ...]

    def __init__(self, subject: str, verdict: Verdict, hidden: Collection[str] = ()) -> None:
        self.verdict = verdict
        results = hide_consumers(verdict, hidden).failures
        self.failures = tuple(Failure.from_result(result) for result in results if result.blocks)
        lines = "\n".join(f"  {failure}" for failure in self.failures)
        message = f"{subject} refused, {self._count_failures()}:\n{lines}"
        super().__init__(message, hint=verdict.hint)

    @property
    def summary(self) -> str:
        """One line: how many rules failed, and which."""
        names = ", ".join(failure.rule for failure in self.failures)
        return f"{self._count_failures()}: {names}"

    def _count_failures(self) -> str:
        rules = len(self.verdict.results)
        return f"{len(self.failures)} of {rules} rule{'' if rules == 1 else 's'} failed"
