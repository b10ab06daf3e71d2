"""Errors, told so that one can mend what is wrong: in words and tables on stderr, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data_platform.cli.console.console import Paper, Styled, notes
from data_platform.cli.console.json import plain, print_json
from data_platform.cli.console.text import amount, clean, datum
from data_platform.errors import (
    DataPlatformError,
    IncompatibleChange,
    InvalidSpec,
    PolicyViolation,
    Problem,
    SchemaMismatch,
)
from data_platform.quality.verdict import DataQualityError, Row

MOST_ROWS = 20
DETAILS = ("problems", "failures", "mismatches", "breaks", "findings", "extra")


def complain(error: DataPlatformError) -> None:
    """Tells the error on stderr."""
    paper = notes()
    if isinstance(error, DataQualityError):
        _quality(paper, error)
    elif isinstance(error, SchemaMismatch):
        _table(
            paper, error, ("column", "difference", "what"), [(m.column, m.kind, m.message) for m in error.mismatches]
        )
    elif isinstance(error, IncompatibleChange):
        _table(paper, error, ("subject", "why it breaks readers"), [(b.subject, b.message) for b in error.breaks])
        for item in (item for item in error.breaks if item.consumers):
            paper.line()
            paper.line("who reads ", Styled(clean(item.subject), "bold"), f": {clean(', '.join(item.consumers))}")
    elif isinstance(error, PolicyViolation):
        _table(paper, error, ("policy", "subject", "why"), [(f.policy, f.subject, f.reason) for f in error.findings])
    elif isinstance(error, InvalidSpec):
        tell_problems(paper, error.problems, "error")
    else:
        _lines(paper, error.message)
    if error.hint:
        _hint(paper, error.hint)


def complain_json(error: DataPlatformError) -> None:
    """Prints `{"error": …}` on stdout."""
    print_json({"error": error_json(error)})


def error_json(error: DataPlatformError) -> dict[str, Any]:
    """The error as data: its kind is the class's name, what it knows in detail is beside the message."""
    details = {name: plain(getattr(error, name)) for name in DETAILS if hasattr(error, name)}
    kind = type(error).__name__.lstrip("_")
    return {"kind": kind, "exit_code": error.exit_code, "message": error.message, "hint": error.hint, **details}


def tell_problems(paper: Paper, problems: Sequence[Problem], severity: str) -> None:
    """Problems of files as `file:line:column: message`, which editors and CI make links of."""
    style = "red" if severity == "error" else "yellow"
    for problem in problems:
        place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
        paper.line(Styled(clean(place), "bold"), ": ", Styled(f"{severity}: ", style), clean(problem.message))
        if problem.hint:
            _hint(paper, problem.hint)


def _quality(paper: Paper, error: DataQualityError) -> None:
    subject = error.message.partition(" refused,")[0]
    count = f"{len(error.failures)} of {amount(len(error.verdict.results), 'rule')} failed"
    paper.line(Styled(f"{clean(subject)} refused", "bold red"), f": {count}, nothing was published")
    paper.line()
    paper.table(
        ("rule", "severity", "value", "threshold"),
        [(Styled(f.rule, "bold"), f.severity, f.error or f.value, f.demand) for f in error.failures],
    )
    for failure in error.failures:
        tell_rows(paper, failure.rule, failure.rows)


def tell_rows(paper: Paper, rule: str, rows: Sequence[Row]) -> None:
    """The rows that a rule blames, as a table; of none nothing is said."""
    if not rows:
        return
    paper.line()
    count = amount(len(rows), "failing row")
    paper.line(f"{'the first ' if len(rows) >= MOST_ROWS else ''}{count} of ", Styled(rule, "bold"))
    names = list(dict.fromkeys(name for row in rows for name in row))
    left_out = paper.data(names, [[row.get(name) for row in rows] for name in names], show=datum)
    if left_out:
        paper.line(f"… {amount(left_out, 'more column')}: --json shows all")


def _table(paper: Paper, error: DataPlatformError, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    paper.line(Styled(clean(error.message.partition("\n")[0]), "bold red"))
    paper.line()
    paper.table(header, rows)


def _lines(paper: Paper, message: str) -> None:
    first, *others = message.split("\n")
    paper.line(Styled("error: ", "bold red"), first)
    for line in others:
        paper.line(line)


def _hint(paper: Paper, hint: str) -> None:
    for line in hint.split("\n"):
        paper.line(Styled("  → ", "cyan"), line)
