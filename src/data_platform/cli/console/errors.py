"""Prints errors: as text and tables on stderr, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data_platform.cli.console.console import Console, Styled, stderr_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import clean, format_count, format_datum
from data_platform.errors import (
    DataPlatformError,
    IncompatibleChange,
    InvalidSpec,
    PolicyViolation,
    Problem,
    SchemaMismatch,
)
from data_platform.quality.verdict import DataQualityError, Row
from data_platform.spec.text.json_values import to_json_value

MOST_ROWS = 20
DETAILS = ("problems", "failures", "mismatches", "breaks", "findings", "extra")


def print_error(error: DataPlatformError) -> None:
    """Prints the error on stderr."""
    console = stderr_console()
    if isinstance(error, DataQualityError):
        _print_quality_error(console, error)
    elif isinstance(error, SchemaMismatch):
        _print_error_table(
            console, error, ("column", "difference", "what"), [(m.column, m.kind, m.message) for m in error.mismatches]
        )
    elif isinstance(error, IncompatibleChange):
        _print_error_table(
            console, error, ("subject", "why it breaks readers"), [(b.subject, b.message) for b in error.breaks]
        )
        for item in (item for item in error.breaks if item.consumers):
            console.write_line()
            console.write_line(
                "readers of ", Styled(clean(item.subject), "bold"), f": {clean(', '.join(item.consumers))}"
            )
    elif isinstance(error, PolicyViolation):
        _print_error_table(
            console, error, ("policy", "subject", "why"), [(f.policy, f.subject, f.reason) for f in error.findings]
        )
    elif isinstance(error, InvalidSpec):
        print_problems(console, error.problems, "error")
    else:
        _print_lines(console, error.message)
    if error.hint:
        console.write_hint(error.hint)


def print_error_json(error: DataPlatformError) -> None:
    """Prints `{"error": …}` on stdout."""
    print_json({"error": build_error_json(error)})


def build_error_json(error: DataPlatformError) -> dict[str, Any]:
    """Returns the error as a dict: its class name, exit code, message, hint and details."""
    details = {name: to_json_value(getattr(error, name)) for name in DETAILS if hasattr(error, name)}
    kind = type(error).__name__.lstrip("_")
    return {"kind": kind, "exit_code": error.exit_code, "message": error.message, "hint": error.hint, **details}


def print_problems(console: Console, problems: Sequence[Problem], severity: str) -> None:
    """Prints problems as `file:line:column: message`, which editors and CI turn into links."""
    style = "red" if severity == "error" else "yellow"
    for problem in problems:
        place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
        console.write_line(Styled(clean(place), "bold"), ": ", Styled(f"{severity}: ", style), clean(problem.message))
        if problem.hint:
            console.write_hint(problem.hint)


def _print_quality_error(console: Console, error: DataQualityError) -> None:
    subject = error.message.partition(" refused,")[0]
    count = f"{len(error.failures)} of {format_count(len(error.verdict.results), 'rule')} failed"
    console.write_line(Styled(f"{clean(subject)} refused", "bold red"), f": {count}, nothing was published")
    console.write_line()
    console.write_table(
        ("rule", "severity", "value", "threshold"),
        [(Styled(f.rule, "bold"), f.severity, f.error or f.value, f.demand) for f in error.failures],
    )
    for failure in error.failures:
        print_failing_rows(console, failure.rule, failure.rows)


def print_failing_rows(console: Console, rule: str, rows: Sequence[Row]) -> None:
    """Prints the rows that violate a rule as a table; nothing if there are none."""
    if not rows:
        return
    console.write_line()
    count = format_count(len(rows), "failing row")
    console.write_line(f"{'the first ' if len(rows) >= MOST_ROWS else ''}{count} of ", Styled(rule, "bold"))
    names = list(dict.fromkeys(name for row in rows for name in row))
    left_out = console.write_data(names, [[row.get(name) for row in rows] for name in names], show=format_datum)
    if left_out:
        console.write_line(f"… {format_count(left_out, 'more column')}: --json shows all")


def _print_error_table(
    console: Console, error: DataPlatformError, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    console.write_line(Styled(clean(error.message.partition("\n")[0]), "bold red"))
    console.write_line()
    console.write_table(header, rows)


def _print_lines(console: Console, message: str) -> None:
    first, *others = message.split("\n")
    console.write_line(Styled("error: ", "bold red"), first)
    for line in others:
        console.write_line(line)
