"""doctor: what is missing, and how to mend it."""

from __future__ import annotations

import click

from data_platform.cli.as_json import print_json
from data_platform.cli.health.check import Check, State
from data_platform.cli.health.machine import check_machine
from data_platform.cli.health.mesh import check_mesh
from data_platform.cli.options import json_option
from data_platform.cli.paper import Paper, Styled, answer
from data_platform.errors import Unavailable

STYLES = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "bold red", State.MISSING: "bold red"}


@click.command()
@json_option
def doctor(as_json: bool) -> int:
    """Say what is missing or wrong, and how to mend it.

    Examined are Python, packages, home, settings, record, rule worker and disk. Exit code 2 when something has failed
    or is missing without which nothing works.

    \b
    Example:
      data-platform doctor
    """
    checks = [*check_machine(), *check_mesh()]
    if as_json:
        print_json(checks)
    else:
        _tell(answer(), checks)
    return Unavailable.exit_code if any(check.state in (State.FAILED, State.MISSING) for check in checks) else 0


def _tell(paper: Paper, checks: list[Check]) -> None:
    wide = max(len(check.name) for check in checks)
    for check in checks:
        lines = check.found.splitlines() or [""]
        paper.line(Styled(f"{check.state:<8}", STYLES[check.state]), f"{check.name:<{wide}}  ", lines[0])
        for line in lines[1:]:
            paper.line(" " * (wide + 10), line)
        if check.mend:
            paper.line(" " * (wide + 10), Styled(f"→ {check.mend}", "cyan"))
