"""doctor: diagnoses the installation."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Console, Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count
from data_platform.cli.doctor.check import Diagnosis, State
from data_platform.cli.doctor.machine import check_machine
from data_platform.cli.doctor.mesh import check_mesh
from data_platform.cli.doctor.server import check_server
from data_platform.cli.options import json_option
from data_platform.cli.session import warn
from data_platform.errors import BadInput, Unavailable
from data_platform.platform import Platform
from data_platform.settings.server_variables import URL_VARIABLE, find_server_url
from data_platform.spec.text.numbers import describe_numbers

STYLES = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "bold red", State.MISSING: "bold red"}


@click.command()
@click.option("--rebuild", is_flag=True, help="Rebuild a lost record from the metadata of the tables.")
@json_option
def doctor(rebuild: bool, as_json: bool) -> int:
    """Diagnose the installation.

    Checks Python, packages, home, keys, settings, record, tables, rule worker and disk, and shows a remedy for each
    problem. The exit code is 2 if a check fails or a requirement is missing. With DATA_PLATFORM_URL, the connection to
    the server is checked in place of the home: who answers, which release, and as whom it is asked.

    With --rebuild, a lost record is rebuilt from the Iceberg metadata of the tables: products, outputs, versions and
    schemas. Everything that cannot be rebuilt is listed. If you have a backup, use data-platform restore instead.

    \b
    Example:
      data-platform doctor
    """
    url = find_server_url()
    if rebuild:
        if url is not None:
            raise BadInput(f"--rebuild needs the home, and this is a client of {url}", hint=f"unset {URL_VARIABLE}")
        _rebuild(as_json)
        return 0
    checks = [*check_machine(), *(check_mesh() if url is None else check_server())]
    if as_json:
        print_json(checks)
    else:
        _print_checks(stdout_console(), checks)
    return Unavailable.exit_code if any(check.state in (State.FAILED, State.MISSING) for check in checks) else 0


def _rebuild(as_json: bool) -> None:
    done = Platform.rebuild()
    if as_json:
        print_json(done)
        return
    console = stdout_console()
    products, outputs = format_count(done.products, "product"), format_count(done.outputs, "output")
    made = f"{products}, {outputs}, {format_count(done.versions, 'version')}"
    console.write_line("rebuilt the record from the tables: ", made)
    for name in done.unreadable:
        warn(f"{name} cannot be used: it or a referenced file is damaged, or its publish did not finish")
    for output, numbers in done.gaps.items():
        word = "version" if len(numbers) == 1 else "versions"
        warn(f"{output}: {word} {describe_numbers(numbers)} not restored")
    if done.unexplained:
        files = format_count(done.unexplained, "file")
        warn(f"{files} in the tables' folders belong to no restored version; gc keeps them")
    for lost in done.lost:
        console.write_line("  not restored: ", lost)
    console.write_line("  versions of unfinished publishes may be counted as published")


def _print_checks(console: Console, checks: list[Diagnosis]) -> None:
    wide = max(len(check.name) for check in checks)
    beside = wide + 10
    for check in checks:
        lines = check.found.splitlines() or [""]
        name = f"{check.name:<{wide}}  "
        console.write_line(Styled(f"{check.state:<8}", STYLES[check.state]), name, lines[0], hang=beside)
        for line in lines[1:]:
            console.write_line(line, indent=beside)
        if check.mend:
            console.write_line(" " * beside, Styled(f"→ {check.mend}", "cyan"))
