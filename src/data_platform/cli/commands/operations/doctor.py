"""doctor: what is missing, and how to mend it."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Paper, Styled, answer
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import amount
from data_platform.cli.doctor.check import Check, State
from data_platform.cli.doctor.machine import check_machine
from data_platform.cli.doctor.mesh import check_mesh
from data_platform.cli.options import json_option
from data_platform.cli.session import warn
from data_platform.errors import Unavailable
from data_platform.platform import Platform

STYLES = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "bold red", State.MISSING: "bold red"}


@click.command()
@click.option("--rebuild", is_flag=True, help="Rebuild a lost record from the metadata of the tables.")
@json_option
def doctor(rebuild: bool, as_json: bool) -> int:
    """Say what is missing or wrong, and how to mend it.

    Examined are Python, packages, home, keys, settings, record, tables, rule worker and disk. Exit code 2 when a
    check fails, or when something that is required is missing.

    With --rebuild a lost record is rebuilt from the Iceberg metadata of the tables: products, outputs, versions and
    schemas. What cannot be rebuilt is listed. If you have a backup, use it instead: data-platform restore.

    \b
    Example:
      data-platform doctor
    """
    if rebuild:
        _rebuild(as_json)
        return 0
    checks = [*check_machine(), *check_mesh()]
    if as_json:
        print_json(checks)
    else:
        _tell(answer(), checks)
    return Unavailable.exit_code if any(check.state in (State.FAILED, State.MISSING) for check in checks) else 0


def _rebuild(as_json: bool) -> None:
    done = Platform.rebuild()
    if as_json:
        print_json(done)
        return
    paper = answer()
    made = f"{amount(done.products, 'product')}, {amount(done.outputs, 'output')}, {amount(done.versions, 'version')}"
    paper.line("rebuilt the record from the tables: ", made)
    for name in done.unreadable:
        warn(f"{name} tells nothing: it, or a file that it names, is damaged, or its publish never ended")
    for lost in done.lost:
        paper.line("  not restored: ", lost)


def _tell(paper: Paper, checks: list[Check]) -> None:
    wide = max(len(check.name) for check in checks)
    for check in checks:
        lines = check.found.splitlines() or [""]
        paper.line(Styled(f"{check.state:<8}", STYLES[check.state]), f"{check.name:<{wide}}  ", lines[0])
        for line in lines[1:]:
            paper.line(" " * (wide + 10), line)
        if check.mend:
            paper.line(" " * (wide + 10), Styled(f"→ {check.mend}", "cyan"))
