"""What a test of some data found: one finding a check, whatever kind of check it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from data_platform.quality.file_promises import FilePromise
from data_platform.quality.verdict import HOW_TO_DECLARE, Outcome, Row, RuleResult
from data_platform.spec.casting.survey import Misfit
from data_platform.spec.rules.model import Rule, Severity, Unchecked, describe_demand
from data_platform.spec.schema.types import SchemaColumn, TableSchema


class Status(StrEnum):
    """What became of a check: failed and error refuse, warned does not, skipped could not run."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `kind` is schema, rule, sla or pii; `value` was measured, `demand` wanted, both for people.

    `reason` says why it failed, gave no verdict or could not run; `rows` are up to 20 wrong rows, PII masked.
    """

    check: str
    kind: str
    status: Status
    severity: str
    column: str | None = None
    value: float | int | str | None = None
    demand: str | None = None
    reason: str | None = None
    description: str | None = None
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the data of one output is worth under its contract; `rows` is None where they could not be counted."""

    product: str
    output: str
    rows: int | None
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        """Refused by any failure or error, else warned by any warning, else passed."""
        statuses = {finding.status for finding in self.findings}
        if statuses & {Status.FAILED, Status.ERROR}:
            return Outcome.REFUSED
        return Outcome.WARNED if Status.WARNED in statuses else Outcome.PASSED

    @property
    def passed(self) -> bool:
        """Whether a publish of this data would not be refused for it; warnings do not refuse."""
        return self.outcome is not Outcome.REFUSED

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that did not pass: those that refuse, then the warnings."""
        return (*self.of(Status.FAILED, Status.ERROR), *self.of(Status.WARNED))

    def of(self, *statuses: Status) -> tuple[Finding, ...]:
        """The findings with one of these statuses."""
        return tuple(finding for finding in self.findings if finding.status in statuses)


NOT_JUDGED = "not judged, because the data does not fit the contract's schema"


def report_fitting(schema: TableSchema) -> Iterable[Finding]:
    """Every column of data that was cast to its contract."""
    return (_build_column_finding(column, Status.PASSED) for column in schema)


def report_unfit(schema: TableSchema | None, misfits: Sequence[Misfit], surveyed: bool) -> Iterable[Finding]:
    """Every column that does not fit; the others do where all values were `surveyed`, else it is unknown."""
    by_column: dict[str, list[Misfit]] = {}
    for misfit in misfits:
        by_column.setdefault(misfit.column.split(".")[0], []).append(misfit)
    for column in schema or ():
        wrong = by_column.pop(column.name, ())
        yield from (_build_misfit_finding(misfit, column) for misfit in wrong)
        if not wrong:
            yield (
                _build_column_finding(column, Status.PASSED)
                if surveyed
                else _build_column_finding(column, Status.SKIPPED, NOT_JUDGED)
            )
    for wrong in by_column.values():
        yield from (_build_misfit_finding(misfit, None) for misfit in wrong)


def _build_column_finding(column: SchemaColumn, status: Status, reason: str | None = None) -> Finding:
    return Finding(
        f"schema.{column.name}",
        "schema",
        status,
        Severity.BLOCKING,
        column.name,
        demand=_describe_column(column),
        reason=reason,
        description=column.description,
    )


def _describe_column(column: SchemaColumn) -> str:
    return f"{column.type}, required" if column.required else str(column.type)


def _build_misfit_finding(misfit: Misfit, column: SchemaColumn | None) -> Finding:
    name = misfit.column.split(".")[0]
    finding = (
        _build_column_finding(column, Status.FAILED)
        if column
        else Finding("", "schema", Status.FAILED, Severity.BLOCKING, name)
    )
    reason = misfit.message if misfit.kind == "value" else f"{misfit.column} {misfit.message}"
    rows = tuple({"row": row, misfit.column: value} for row, value in misfit.examples)
    return replace(finding, check=f"schema.{misfit.column}", value=misfit.rows, reason=reason, rows=rows)


def from_rule(result: RuleResult) -> Finding:
    """What a rule found, with the rows it blames."""
    if result.passed:
        status = Status.PASSED
    elif not result.blocks:
        status = Status.WARNED
    else:
        status = Status.ERROR if result.error else Status.FAILED
    return replace(_build_rule_finding(result.rule, status), value=result.value, reason=result.error, rows=result.rows)


def from_undeclared_pii(result: RuleResult) -> Finding:
    """Personal data that nobody declared; it warns, since the policies of a mesh decide whether it refuses."""
    reason = f"{result.note}; {HOW_TO_DECLARE}"
    return replace(_build_rule_finding(result.rule, Status.WARNED), kind="pii", value=result.value, reason=reason)


def skip_rule(rule: Rule, reason: str) -> Finding:
    """A rule that could not run."""
    return replace(_build_rule_finding(rule, Status.SKIPPED), reason=reason)


def from_unchecked(check: Unchecked) -> Finding:
    """A check of the contract that the platform does not know how to run."""
    description = check.check.get("description")
    text = description if isinstance(description, str) else None
    return Finding(
        check.name, "rule", Status.SKIPPED, Severity.BLOCKING, check.column, reason=check.why, description=text
    )


def _build_rule_finding(rule: Rule, status: Status) -> Finding:
    bound = rule.bound
    wanted = describe_demand(bound.operator, bound.value, rule.unit)
    return Finding(rule.name, "rule", status, rule.severity, rule.column, demand=wanted, description=rule.description)


def from_promise(promise: FilePromise, result: RuleResult | None) -> Finding:
    """The result of an SLA on the file; a broken one warns, since no publish is refused for it."""
    finding = Finding(
        promise.name, "sla", Status.SKIPPED, Severity.WARNING, promise.column, None, promise.demand, promise.reason
    )
    if result is None:
        return finding
    if result.error:
        why = f"{promise.column} has no value to take an age from" if "NULL" in result.error else result.error
        return replace(finding, reason=why)
    age = None if result.value is None else f"{format_age(timedelta(seconds=result.value))} old"
    return replace(finding, status=Status.PASSED if result.passed else Status.WARNED, value=age)


def format_age(age: timedelta) -> str:
    """A length of time in its largest unit: `3 hours`."""
    seconds = abs(int(age.total_seconds()))
    sign = "-" if age < timedelta(0) else ""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return f"{sign}{seconds // size:,} {unit}{'' if seconds // size == 1 else 's'}"
    return f"{sign}{seconds} second{'' if seconds == 1 else 's'}"
