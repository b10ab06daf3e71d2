"""release: what one environment has becomes the contract of a higher one."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, answer
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option, product_argument
from data_platform.cli.session import opened, warn
from data_platform.verbs.results import Released


@click.command()
@product_argument()
@click.option("--to", required=True, type=click.Choice(["staging", "prod"]), help="The higher environment.")
@json_option
def release(product: str, to: str, as_json: bool) -> None:
    """Register in a higher environment what this one has.

    Governance there judges it as it judges any register. The data stays where it is: the pipeline publishes there.
    Which homes are dev, staging and prod stands in settings.toml.

    \b
    Example:
      data-platform release orders-data-product --to prod
    """
    with opened() as mesh:
        released = mesh.release(product, to)
    if as_json:
        print_json(released)
    else:
        _tell(released)
    for warning in released.registration.warnings:
        warn(warning)


def _tell(released: Released) -> None:
    done = released.registration
    state = "released" if done.changed else "unchanged"
    where = f"{released.source} revision {released.revision} → {released.target} revision {done.revision}"
    answer().line(Styled(f"{state:<11}", "green" if done.changed else "dim"), Styled(done.product, "bold"), f" {where}")
    for change in done.changes:
        answer().line(f"           {change}")
