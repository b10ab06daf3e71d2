"""runs: executions of pipelines."""

from __future__ import annotations

from datetime import datetime

import click

from data_platform.cli.console.console import Console, Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_minute, format_second
from data_platform.cli.options import NAMED_OUTPUT, ListingGroup, MomentType, ReferenceType, json_option
from data_platform.cli.session import open_platform
from data_platform.spec.product.reference import Reference
from data_platform.verbs.results import RunDetail, RunInfo

STATES = ("running", "succeeded", "refused", "failed", "lost")
STYLES = {"succeeded": "green", "refused": "red", "failed": "red", "lost": "red"}
MOST = 50
_BELOW = 2
"""The indent of text that belongs to a run, below its id."""


@click.group(cls=ListingGroup)
def runs() -> None:
    """List the runs of pipelines, and show one with its log.

    `list` is the default command: `runs orders --state failed`.
    """


@runs.command("list")
@click.argument("target", type=ReferenceType(NAMED_OUTPUT), required=False, metavar=f"[{NAMED_OUTPUT}]")
@click.option("--state", type=click.Choice(STATES), help="List only runs in this state.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=MOST, show_default=True, help="The newest runs, at most so many."
)
@click.option("--before", type=MomentType(), help="List only runs that started before this time.")
@json_option
def list_(target: Reference | None, state: str | None, limit: int, before: datetime | None, as_json: bool) -> None:
    """List the runs of an output, of a product, or of all products, newest first.

    A run is running, succeeded (it published a version), refused (by a contract, rule, policy or access), failed, or
    lost: there was no heartbeat for two minutes, so that its process was killed or has no access to the mesh.

    \b
    Examples:
      data-platform runs orders.orders_fact
      data-platform runs --state failed --json
    """
    with open_platform() as mesh:
        matches = mesh.runs(target, state=state, limit=limit, before=before)
    if as_json:
        print_json(matches)
    elif matches:
        for run in matches:
            _print_run(stdout_console(), run)
    else:
        stderr_console().write_line("no run")


@runs.command()
@click.argument("id")
@json_option
def show(id: str, as_json: bool) -> None:
    """Show the run ID, and the end of what its pipeline printed and logged (64 KiB).

    \b
    Example:
      data-platform runs show 150a0d71-f43e-4c4d-8939-d427294a382b
    """
    with open_platform() as mesh:
        detail = mesh.run(id)
    if as_json:
        print_json(detail)
    else:
        _print_detail(stdout_console(), detail)


def _print_run(console: Console, run: RunInfo) -> None:
    scheduled = f" for {format_minute(run.scheduled_for)}, attempt {run.attempt}" if run.scheduled_for else ""
    console.write_line(
        Styled(run.id, "bold"),
        "  ",
        Styled(f"{run.state:<10}", STYLES.get(run.state, "yellow")),
        f"{run.product}.{run.output}{scheduled}, started {format_second(run.started_at)} by {run.by}",
        hang=_BELOW,
    )
    if result := _describe_result(run):
        console.write_line(result, indent=_BELOW, hang=_BELOW)


def _describe_result(run: RunInfo) -> str | None:
    if run.version is not None:
        return f"version {run.version}"
    if run.state == "lost":
        return f"last heartbeat {format_second(run.heartbeat_at)} from {run.host}"
    return ": ".join(filter(None, (run.error_kind, run.error))) or None


def _print_detail(console: Console, detail: RunDetail) -> None:
    run = detail.run
    _print_run(console, run)
    console.write_heading("Times")
    for name, moment in (
        ("started", run.started_at),
        ("last heartbeat", run.heartbeat_at),
        ("publish began", run.publishing_at),
        ("finished", run.finished_at),
    ):
        if moment is not None:
            console.write_line(Styled(f"{name:<16}", "dim"), format_second(moment))
    console.write_heading("Log")
    for line in detail.log.splitlines():
        console.write_line(line)
    if not detail.log:
        console.write_line(Styled("empty", "dim"))
