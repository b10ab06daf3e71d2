"""quality: the quality score, service levels, rules and incidents of a product."""

from __future__ import annotations

import click

from data_platform.cli.console.console import stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import NAMED_OUTPUT, DaysType, json_option, reference_argument
from data_platform.cli.session import open_platform
from data_platform.cli.views.quality import draw_quality
from data_platform.spec.product.reference import Reference


@click.command()
@reference_argument(NAMED_OUTPUT)
@click.option("--output", help="Show only this output, as PRODUCT.OUTPUT does.")
@click.option("--window", type=DaysType(), default="30d", show_default=True, help="The number of days to evaluate.")
@click.option("--explain", is_flag=True, help="Show how each rule contributes to the score.")
@json_option
def quality(target: Reference, output: str | None, window: int, explain: bool, as_json: bool) -> None:
    """Show a product's score, service levels, rules and incidents.

    The bars are the mean scores per day. Results of rules are ✓ passed, ✗ failed, and ! error.

    \b
    Example:
      data-platform quality orders-data-product --window 7d --explain
    """
    with open_platform() as mesh:
        metrics = mesh.quality_metrics(target, output, window)
    if as_json:
        print_json(metrics)
    else:
        draw_quality(stdout_console(), metrics, explain=explain)
