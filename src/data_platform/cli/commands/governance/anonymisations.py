"""anonymisations: what contracts declare anonymous, and a governor's verdicts."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option, number_argument
from data_platform.cli.session import open_platform
from data_platform.verbs.results import AnonymisationInfo

_STATES = {"waiting": "yellow", "approved": "green", "refused": "red"}


@click.group()
def anonymisations() -> None:
    """Approve or refuse that columns made from personal data are anonymous."""


@anonymisations.command("list")
@click.argument("product", required=False)
@json_option
def list_(product: str | None, as_json: bool) -> None:
    """List what the contract of PRODUCT, or of all products, declares anonymous.

    \b
    Example:
      data-platform anonymisations list
    """
    with open_platform() as mesh:
        rows = mesh.anonymisations(product)
    if as_json:
        print_json(rows)
    elif rows:
        _print_rows(rows)
    else:
        stderr_console().write_line("no contract declares a column anonymised")


@anonymisations.command()
@number_argument
@click.option("--note", help="Why the values are anonymous.")
@json_option
def approve(id: int, note: str | None, as_json: bool) -> None:
    """Approve the declaration ID, which another user made. Without a server DATA_PLATFORM_USER names who approves.

    The column is not personal data from the next publish on.

    \b
    Example:
      DATA_PLATFORM_USER=gina@example.com data-platform anonymisations approve 1 --note "domains alone"
    """
    with open_platform() as mesh:
        done = mesh.approve_anonymisation(id, note)
    print_json(done) if as_json else _print_rows([done])


@anonymisations.command()
@number_argument
@click.option("--note", required=True, help="Why the values are personal data.")
@json_option
def refuse(id: int, note: str, as_json: bool) -> None:
    """Refuse the declaration ID, or withdraw its approval.

    \b
    Example:
      data-platform anonymisations refuse 1 --note "a first name and a town name one person"
    """
    with open_platform() as mesh:
        done = mesh.refuse_anonymisation(id, note)
    print_json(done) if as_json else _print_rows([done])


def _print_rows(rows: list[AnonymisationInfo]) -> None:
    header = ("id", "column", "state", "from", "method", "declared by", "decided by", "note")
    stdout_console().write_table(header, map(_format_row, rows))


def _format_row(row: AnonymisationInfo) -> tuple[object, ...]:
    return (
        row.id,
        Styled(f"{row.product}.{row.output}.{row.column}", "bold"),
        Styled(row.state, _STATES.get(row.state, "dim")),
        ", ".join(row.sources),
        row.method,
        row.declared_by,
        row.decided_by,
        row.note,
    )
