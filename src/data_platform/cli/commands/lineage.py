"""lineage: where data comes from and where it goes."""

from __future__ import annotations

import click

from data_platform.cli.as_json import print_json
from data_platform.cli.lineage_art import mermaid, tree
from data_platform.cli.options import json_option
from data_platform.cli.paper import Styled, answer
from data_platform.cli.session import opened


@click.command()
@click.argument("product")
@click.option("--depth", type=click.IntRange(1, 50), default=1, show_default=True, help="How many steps each way.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["tree", "json", "mermaid"]),
    default="tree",
    show_default=True,
    help="How to draw it; mermaid goes into a Markdown page.",
)
@json_option
def lineage(product: str, depth: int, form: str, as_json: bool) -> None:
    """Show where a product's data comes from, and where it goes.

    What product.yaml declares is marked [declared] until data has really come that way.

    \b
    Example:
      data-platform lineage orders-data-product --depth 3
    """
    with opened() as mesh:
        graph = mesh.lineage(product, depth)
    if as_json or form == "json":
        print_json(graph)
    elif form == "mermaid":
        click.echo(mermaid(graph))
    else:
        first, *lines = tree(graph)
        answer().line(Styled(first, "bold"))
        for line in lines:
            answer().line(line)
