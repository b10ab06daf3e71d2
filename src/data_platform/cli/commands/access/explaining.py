"""access explain: whether a principal may read an output, and which lines decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from data_platform.cli.console.console import Console, Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option, reference_argument
from data_platform.cli.session import open_platform
from data_platform.spec.product.reference import Reference

if TYPE_CHECKING:
    from data_platform.verbs.results import ExplainedOutput


@click.command()
@click.argument("principal")
@reference_argument("PRODUCT[.OUTPUT]")
@click.option("--purpose", metavar="TEXT", help="What the data would be read for.")
@json_option
def explain(principal: str, target: Reference, purpose: str | None, as_json: bool) -> None:
    """Explain whether PRINCIPAL may read an output, what it would see, and which lines decide.

    \b
    Example:
      data-platform access explain eve@example.com orders.orders_fact
    """
    with open_platform() as mesh:
        explanation = mesh.explain_access(principal, target, purpose=purpose)
    if as_json:
        print_json(explanation)
        return
    console = stdout_console()
    for output in explanation.outputs:
        _print_output(console, f"{explanation.principal} and {explanation.product}.{output.output}", output)


def _print_output(console: Console, title: str, output: ExplainedOutput) -> None:
    state = Styled("allowed", "green") if output.allowed else Styled("denied", "red")
    console.write_line(Styled(title, "bold"), ": ", state, f", {output.reason}")
    for name, value in (
        ("decided by", "; ".join(output.lines)),
        ("clear", ", ".join(output.columns)),
        ("masked", ", ".join(f"{column} ({_describe_mask(output, column)})" for column in output.masks)),
        ("erased", ", ".join(output.erased)),
        ("rows", output.rows),
        ("missing", "; ".join(output.missing)),
    ):
        if value:
            console.write_line(Styled(f"{name:<11}", "dim"), value)


def _describe_mask(output: ExplainedOutput, column: str) -> str:
    rows = output.clear_rows.get(column)
    return output.masks[column] + ("" if rows is None else f", clear where {rows}")
