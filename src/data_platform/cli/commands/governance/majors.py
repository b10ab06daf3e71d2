"""deprecate, retire: the end of a major, or of a product."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, answer
from data_platform.cli.console.json import print_json
from data_platform.cli.options import NAMED_OUTPUT, json_option, reference_argument, until_option
from data_platform.cli.session import opened
from data_platform.spec.product.reference import Reference
from data_platform.verbs.lifecycle.deprecate import DAYS
from data_platform.verbs.results import MajorInfo


@click.command()
@reference_argument(NAMED_OUTPUT)
@until_option("When it ends")
@json_option
def deprecate(target: Reference, until: str, as_json: bool) -> None:
    """Announce the end of a major of an output, or of a product.

    It stays readable; its plain name means the newest major that is not deprecated. Said again, the end moves.

    \b
    Example:
      data-platform deprecate orders-data-product.orders_fact@1 --until 2027-03-01
      data-platform deprecate orders-2019 --until 2027-03-01
    """
    if target.without_version("deprecate").output_name is None:
        with opened() as mesh:
            ending = mesh.deprecate_product(target.product, until)
        if as_json:
            print_json(ending)
        for each in () if as_json else ending:
            _draw_end(each)
        return
    with opened() as mesh:
        found = mesh.deprecate(target, until=until)
    if as_json:
        print_json(found)
    else:
        _draw_end(found)


def _draw_end(found: MajorInfo) -> None:
    paper = answer()
    paper.line(Styled("deprecated ", "yellow"), Styled(_name(found), "bold"), f", ends {found.ends_at:%Y-%m-%d}")
    for reader in found.readers:
        paper.line(f"  {reader}")


@click.command()
@reference_argument(NAMED_OUTPUT)
@click.option("--days", type=click.IntRange(1, 3660), default=DAYS, show_default=True, help="Nobody read it so long.")
@json_option
def retire(target: Reference, days: int, as_json: bool) -> None:
    """Close a deprecated major, or a product, that nobody reads.

    While somebody does, or a product declares it as input, it is refused with their names: exit code 1.

    \b
    Example:
      data-platform retire orders-data-product.orders_fact@1
      data-platform retire orders-2019
    """
    if target.without_version("retire").output_name is None:
        _retire_product(target.product, days, as_json)
        return
    with opened() as mesh:
        found = mesh.retire(target, days=days)
    if as_json:
        print_json(found)
    else:
        answer().line(Styled("retired ", "green"), Styled(_name(found), "bold"))


def _retire_product(product: str, days: int, as_json: bool) -> None:
    with opened() as mesh:
        found = mesh.retire_product(product, days)
    if as_json:
        print_json(found)
    else:
        answer().line(Styled("retired ", "green"), Styled(found.product, "bold"))


def _name(found: MajorInfo) -> str:
    return f"{found.product}.{found.output}@{found.major}"
