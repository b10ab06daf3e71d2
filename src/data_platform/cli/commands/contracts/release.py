"""release: registers a contract of this environment in a higher one."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option, product_argument
from data_platform.cli.session import open_platform, warn
from data_platform.verbs.results import Released


@click.command()
@product_argument()
@click.option("--to", required=True, type=click.Choice(["staging", "prod"]), help="The higher environment.")
@json_option
def release(product: str, to: str, as_json: bool) -> None:
    """Register a product of this environment in a higher one.

    Policies of the target environment apply as for any register. Data is not copied: the pipeline must publish there.
    settings.toml declares the homes of dev, staging and prod.

    \b
    Example:
      data-platform release orders-data-product --to prod
    """
    with open_platform() as mesh:
        released = mesh.release(product, to)
    if as_json:
        print_json(released)
    else:
        _print_release(released)
    for warning in released.registration.warnings:
        warn(warning)


def _print_release(released: Released) -> None:
    done = released.registration
    state = "released" if done.changed else "unchanged"
    where = f"{released.source} revision {released.revision} → {released.target} revision {done.revision}"
    stdout_console().write_line(
        Styled(f"{state:<11}", "green" if done.changed else "dim"), Styled(done.product, "bold"), f" {where}"
    )
    for change in done.changes:
        stdout_console().write_line(f"           {change}")
