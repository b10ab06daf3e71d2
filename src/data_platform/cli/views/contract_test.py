"""Shows the results of `test` for one file, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data_platform.cli.console.console import Console, Styled
from data_platform.cli.console.errors import print_failing_rows
from data_platform.cli.console.text import format_count
from data_platform.quality.verdict import Outcome
from data_platform.spec.text.json_values import to_json_value
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
class TestedOutput:
    """An output, the file that was tested as its content, and the duration in seconds."""

    result: CheckResult
    data: str
    seconds: float

    @property
    def subject(self) -> str:
        """The name `product.output`."""
        return f"{self.result.product}.{self.result.output}"


def print_result(console: Console, tested: TestedOutput) -> None:
    """Writes the verdict in one line, a table of the checks, and the failing rows."""
    result = tested.result
    console.write_line(
        Styled(f"{result.outcome:<8}", _OUTCOMES[result.outcome]),
        Styled(tested.subject, "bold"),
        f"  {tested.data}: {_format_counts(result)}",
        Styled(f"  {tested.seconds:.1f} s", "dim"),
    )
    console.write_line()
    console.write_table(("check", "severity", "value", "demand", "result"), _build_rows(result))
    unresolved = [finding for finding in result.findings if finding.reason and finding.reason != NOT_JUDGED]
    if unresolved:
        console.write_line()
    for finding in unresolved:
        word, style = _STATUSES[finding.status]
        console.write_line(Styled(word, style), "  ", Styled(finding.check, "bold"), f": {finding.reason}")
    for finding in result.findings:
        print_failing_rows(console, finding.check, finding.rows if finding.kind == "rule" else ())


def warn_of_empty_files(console: Console, tested: Sequence[TestedOutput]) -> None:
    """Writes a warning for each file without rows, for which checks pass trivially."""
    for output in tested:
        for warning in _list_warnings(output):
            console.write_line(Styled("warning: ", "yellow"), warning)


def _list_warnings(tested: TestedOutput) -> list[str]:
    return [] if tested.result.rows != 0 else [f"{tested.data}: 0 rows; checks pass trivially"]


def _build_rows(result: CheckResult) -> list[Sequence[Any]]:
    """Returns one row per check; matching columns share one row, and so do checks that a schema mismatch prevented."""
    fitting = [finding for finding in result.of(Status.PASSED) if finding.kind == "schema"]
    unjudged = [finding for finding in result.of(Status.SKIPPED) if finding.reason == NOT_JUDGED]
    rows: list[Sequence[Any]] = []
    if fitting:
        fit = "1 column fits" if len(fitting) == 1 else f"{len(fitting):,} columns fit"
        rows.append((Styled("schema", "bold"), "blocking", None, fit, Styled("passed", "green")))
    rows += [_format_row(finding) for finding in result.findings if finding not in fitting and finding not in unjudged]
    if unjudged:
        rest = f"{'the other ' if len(rows) else ''}{format_count(len(unjudged), 'check')}"
        rows.append((rest, None, None, "data that fits the schema", Styled("not run", "cyan")))
    return rows


def _format_counts(result: CheckResult) -> str:
    counts = [] if result.rows is None else [format_count(result.rows, "row")]
    refusing = len(result.of(Status.FAILED, Status.ERROR))
    ran = len(result.findings) - len(result.of(Status.SKIPPED))
    counts.append(
        f"{refusing} of {format_count(ran, 'check')} failed" if refusing else f"{format_count(ran, 'check')} passed"
    )
    if warned := len(result.of(Status.WARNED)):
        counts[-1] = counts[-1] if refusing else f"{format_count(ran - warned, 'check')} passed"
        counts.append(format_count(warned, "warning"))
    if skipped := len(result.of(Status.SKIPPED)):
        counts.append(f"{skipped} not run")
    return ", ".join(counts)


def _format_row(finding: Finding) -> Sequence[Any]:
    word, style = _STATUSES[finding.status]
    value = (
        format_count(finding.value, "row")
        if finding.kind == "schema" and isinstance(finding.value, int)
        else finding.value
    )
    return Styled(finding.check, "bold"), finding.severity, value, finding.demand, Styled(word, style)


def build_report_json(contract: str, tested: Sequence[TestedOutput], untested: Sequence[str]) -> dict[str, Any]:
    """Returns the report as a dict; `untested` are the outputs without data."""
    outcomes = [output.result.outcome for output in tested]
    return {
        "contract": contract,
        "outcome": next((o for o in (Outcome.REFUSED, Outcome.WARNED) if o in outcomes), Outcome.PASSED),
        "outputs": [_build_output_json(output) for output in tested],
        "untested": list(untested),
    }


def _build_output_json(tested: TestedOutput) -> dict[str, Any]:
    result = tested.result
    return {
        "product": result.product,
        "output": result.output,
        "data": tested.data,
        "rows": result.rows,
        "warnings": _list_warnings(tested),
        "outcome": result.outcome,
        "seconds": round(tested.seconds, 3),
        "checks": to_json_value(result.findings),
    }
