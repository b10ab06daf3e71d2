"""refusals: the publishes to a product that were refused."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_minute
from data_platform.cli.options import NAMED_OUTPUT, json_option, output_argument, reference_argument
from data_platform.cli.session import open_platform
from data_platform.spec.product.reference import Reference
from data_platform.spec.rules.model import describe_demand
from data_platform.spec.text.json_values import dump_json
from data_platform.verbs.results import RefusedPublish, RuleStatus


@click.command()
@reference_argument(NAMED_OUTPUT)
@output_argument
@click.option("--limit", type=click.IntRange(0, 500), default=20, show_default=True, help="The number of refusals.")
@json_option
def refusals(target: Reference, output: str | None, limit: int, as_json: bool) -> None:
    """List refused publishes, with the rules and rows that failed.

    Personal data is masked in the rows. Only who may publish the output sees rows.

    \b
    Example:
      data-platform refusals orders-data-product
    """
    with open_platform() as mesh:
        refused = mesh.refusals(target, output, limit)
    if as_json:
        print_json(refused)
    elif refused:
        for publish in refused:
            _write_refusal(publish)
    else:
        stderr_console().write_line(f"no publish to {target.product} was refused")


def _write_refusal(publish: RefusedPublish) -> None:
    console = stdout_console()
    console.write_line(Styled(publish.output, "bold"), f"  {format_minute(publish.at)}, by {publish.by}")
    for rule in publish.rules:
        console.write_line(f"{rule.status.rule}: {_describe_result(rule.status)}", indent=2)
        for row in rule.rows:
            console.write_line(Styled(dump_json(row), "dim"), indent=4)
    if not publish.rules:
        console.write_line("no rule failed; its incident has the reason", indent=2)


def _describe_result(status: RuleStatus) -> str:
    if status.error or status.value is None:
        return status.error or status.note or "failed"
    return f"{status.value:g}, {describe_demand(status.operator, status.threshold, status.unit)}"
