"""deprecate, retire: the end of a major or of a product."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import NAMED_OUTPUT, json_option, reference_argument, until_option
from data_platform.cli.session import open_platform
from data_platform.spec.product.reference import Reference
from data_platform.verbs.lifecycle.deprecate import DAYS
from data_platform.verbs.results import MajorInfo


@click.command()
@reference_argument(NAMED_OUTPUT)
@until_option("The end date")
@json_option
def deprecate(target: Reference, until: str, as_json: bool) -> None:
    """Announce the end date of a major or of a product.

    It stays readable; a reference without a major resolves to the newest one that is not deprecated. Repeat the command
    to change the end date.

    \b
    Example:
      data-platform deprecate orders-data-product.orders_fact@1 --until 2027-03-01
      data-platform deprecate orders-2019 --until 2027-03-01
    """
    if target.refuse_version("deprecate").output_name is None:
        with open_platform() as mesh:
            ending = mesh.deprecate_product(target.product, until)
        if as_json:
            print_json(ending)
        for ended in () if as_json else ending:
            _draw_end(ended)
        return
    with open_platform() as mesh:
        major = mesh.deprecate(target, until=until)
    if as_json:
        print_json(major)
    else:
        _draw_end(major)


def _draw_end(major: MajorInfo) -> None:
    console = stdout_console()
    console.write_line(
        Styled("deprecated ", "yellow"), Styled(_format_major(major), "bold"), f", ends {major.ends_at:%Y-%m-%d}"
    )
    for reader in major.readers:
        console.write_line(f"  {reader}")


@click.command()
@reference_argument(NAMED_OUTPUT)
@click.option(
    "--days",
    type=click.IntRange(1, 3660),
    default=DAYS,
    show_default=True,
    help="The number of days without a read that are required.",
)
@json_option
def retire(target: Reference, days: int, as_json: bool) -> None:
    """Close a deprecated major or product that has no readers.

    The command is refused with exit code 1 and a list of names while it has readers, or a product declares it as input.

    \b
    Example:
      data-platform retire orders-data-product.orders_fact@1
      data-platform retire orders-2019
    """
    if target.refuse_version("retire").output_name is None:
        _retire_product(target.product, days, as_json)
        return
    with open_platform() as mesh:
        major = mesh.retire(target, days=days)
    if as_json:
        print_json(major)
    else:
        stdout_console().write_line(Styled("retired ", "green"), Styled(_format_major(major), "bold"))


def _retire_product(product: str, days: int, as_json: bool) -> None:
    with open_platform() as mesh:
        retired = mesh.retire_product(product, days)
    if as_json:
        print_json(retired)
    else:
        stdout_console().write_line(Styled("retired ", "green"), Styled(retired.product, "bold"))


def _format_major(major: MajorInfo) -> str:
    return f"{major.product}.{major.output}@{major.major}"
