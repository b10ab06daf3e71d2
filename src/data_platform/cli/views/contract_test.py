"""What `test` found in one file, and how it is told: as tables for people, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data_platform.cli.console.console import Paper, Styled
from data_platform.cli.console.errors import tell_rows
from data_platform.cli.console.json import plain
from data_platform.cli.console.text import amount
from data_platform.quality.verdict import Outcome
from data_platform.verbs.testing.contract_test_report import NOT_JUDGED, CheckResult, Finding, Status

_OUTCOMES = {Outcome.PASSED: "bold green", Outcome.WARNED: "bold yellow", Outcome.REFUSED: "bold red"}
_STATUSES = {
    Status.PASSED: ("passed", "green"),
    Status.WARNED: ("warned", "yellow"),
    Status.FAILED: ("failed", "red"),
    Status.ERROR: ("no verdict", "red"),
    Status.SKIPPED: ("not run", "cyan"),
}


@dataclass(frozen=True, slots=True)
class Tested:
    """One output, the file that was judged as its content, and the seconds it took."""

    result: CheckResult
    data: str
    seconds: float

    @property
    def subject(self) -> str:
        """How it is named."""
        return f"{self.result.product}.{self.result.output}"


def tell(paper: Paper, tested: Tested) -> None:
    """The verdict in one line, a table of the checks, and the rows that failed."""
    result = tested.result
    paper.line(
        Styled(f"{result.outcome:<8}", _OUTCOMES[result.outcome]),
        Styled(tested.subject, "bold"),
        f"  {tested.data}: {_counts(result)}",
        Styled(f"  {tested.seconds:.1f} s", "dim"),
    )
    paper.line()
    paper.table(("check", "severity", "value", "demand", "result"), _rows(result))
    told = [found for found in result.findings if found.reason and found.reason != NOT_JUDGED]
    if told:
        paper.line()
    for found in told:
        word, style = _STATUSES[found.status]
        paper.line(Styled(word, style), "  ", Styled(found.check, "bold"), f": {found.reason}")
    for found in result.findings:
        tell_rows(paper, found.check, found.rows if found.kind == "rule" else ())


def tell_empty(paper: Paper, tested: Sequence[Tested]) -> None:
    """A word for each file that has no rows, whose checks say nothing."""
    for each in tested:
        for warning in _warnings(each):
            paper.line(Styled("warning: ", "yellow"), warning)


def _warnings(each: Tested) -> list[str]:
    return [] if each.result.rows != 0 else [f"{each.data}: 0 rows; a check passes where there is nothing to check"]


def _rows(result: CheckResult) -> list[Sequence[Any]]:
    """A row a check; columns that fit are one row together, and so is what a misfit kept from being judged."""
    fitting = [found for found in result.of(Status.PASSED) if found.kind == "schema"]
    unjudged = [found for found in result.of(Status.SKIPPED) if found.reason == NOT_JUDGED]
    rows: list[Sequence[Any]] = []
    if fitting:
        fit = "1 column fits" if len(fitting) == 1 else f"{len(fitting):,} columns fit"
        rows.append((Styled("schema", "bold"), "blocking", None, fit, Styled("passed", "green")))
    rows += [_row(found) for found in result.findings if found not in fitting and found not in unjudged]
    if unjudged:
        rest = f"{'the other ' if len(rows) else ''}{amount(len(unjudged), 'check')}"
        rows.append((rest, None, None, "data that fits the schema", Styled("not run", "cyan")))
    return rows


def _counts(result: CheckResult) -> str:
    counts = [] if result.rows is None else [amount(result.rows, "row")]
    refusing = len(result.of(Status.FAILED, Status.ERROR))
    ran = len(result.findings) - len(result.of(Status.SKIPPED))
    counts.append(f"{refusing} of {amount(ran, 'check')} failed" if refusing else f"{amount(ran, 'check')} passed")
    if warned := len(result.of(Status.WARNED)):
        counts[-1] = counts[-1] if refusing else f"{amount(ran - warned, 'check')} passed"
        counts.append(amount(warned, "warning"))
    if skipped := len(result.of(Status.SKIPPED)):
        counts.append(f"{skipped} not run")
    return ", ".join(counts)


def _row(found: Finding) -> Sequence[Any]:
    word, style = _STATUSES[found.status]
    value = amount(found.value, "row") if found.kind == "schema" and isinstance(found.value, int) else found.value
    return Styled(found.check, "bold"), found.severity, value, found.demand, Styled(word, style)


def as_json(contract: str, tested: Sequence[Tested], untested: Sequence[str]) -> dict[str, Any]:
    """The whole answer; `untested` are the outputs of which no data was given."""
    outcomes = [each.result.outcome for each in tested]
    return {
        "contract": contract,
        "outcome": next((o for o in (Outcome.REFUSED, Outcome.WARNED) if o in outcomes), Outcome.PASSED),
        "outputs": [_output_json(each) for each in tested],
        "untested": list(untested),
    }


def _output_json(each: Tested) -> dict[str, Any]:
    result = each.result
    return {
        "product": result.product,
        "output": result.output,
        "data": each.data,
        "rows": result.rows,
        "warnings": _warnings(each),
        "outcome": result.outcome,
        "seconds": round(each.seconds, 3),
        "checks": plain(result.findings),
    }
