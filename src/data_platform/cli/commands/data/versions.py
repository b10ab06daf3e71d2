"""versions: what was published, and when."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, answer, notes
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import size
from data_platform.cli.options import json_option, output_argument, reference_argument
from data_platform.cli.session import opened
from data_platform.spec.product.reference import Reference


@click.command()
@reference_argument()
@output_argument
@json_option
def versions(target: Reference, output: str | None, as_json: bool) -> None:
    """List the data versions of a product, newest first.

    \b
    Example:
      data-platform versions orders-data-product.orders_fact
    """
    with opened() as mesh:
        found = mesh.versions(target, output)
    if as_json:
        print_json(found)
    elif found:
        answer().table(
            ("output", "version", "rows", "size", "contract", "quality", "published", "by"),
            [
                (
                    Styled(each.output, "bold"),
                    each.version,
                    each.rows,
                    size(each.bytes),
                    each.contract_version,
                    each.outcome,
                    each.published_at,
                    each.published_by,
                )
                for each in found
            ],
        )
    else:
        notes().line(f"{target.product} has no version yet: data-platform publish makes one")
