"""quality: what a product is worth, and what went wrong."""

from __future__ import annotations

import click

from data_platform.cli.console.console import answer
from data_platform.cli.console.json import print_json
from data_platform.cli.options import NAMED_OUTPUT, Days, json_option, reference_argument
from data_platform.cli.session import opened
from data_platform.cli.views.quality import draw_quality
from data_platform.spec.product.reference import Reference


@click.command()
@reference_argument(NAMED_OUTPUT)
@click.option("--output", help="Only this output; the same as PRODUCT.OUTPUT.")
@click.option("--window", type=Days(), default="30d", show_default=True, help="How many days to look back on.")
@click.option("--explain", is_flag=True, help="Show what each rule gave to the score.")
@json_option
def quality(target: Reference, output: str | None, window: int, explain: bool, as_json: bool) -> None:
    """Show a product's score, promises, rules and incidents.

    The little bars are the mean scores of the window's days. Results of rules are ✓ passed, ✗ failed, ! in error.

    \b
    Example:
      data-platform quality orders-data-product --window 7d --explain
    """
    with opened() as mesh:
        metrics = mesh.quality_metrics(target, output, window)
    if as_json:
        print_json(metrics)
    else:
        draw_quality(answer(), metrics, explain=explain)
