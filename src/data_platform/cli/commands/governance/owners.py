"""owners: which person or team each owner of products and domains belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import ListingGroup, json_option
from data_platform.cli.session import open_platform

if TYPE_CHECKING:
    from data_platform.verbs.results import OwnerInfo


@click.group(cls=ListingGroup)
def owners() -> None:
    """List owners, and give them to persons and teams."""


@owners.command("list")
@click.option("--unclaimed", is_flag=True, help="Only owners that belong to no principal.")
@json_option
def list_(unclaimed: bool, as_json: bool) -> None:
    """List the owners of products and domains, and whom each belongs to.

    \b
    Example:
      data-platform owners --unclaimed
    """
    with open_platform() as mesh:
        listed = mesh.owners(unclaimed=unclaimed)
    if as_json:
        print_json(listed)
    elif listed:
        stdout_console().write_table(("owner", "belongs to", "products", "domains"), map(_build_row, listed))
    else:
        stderr_console().write_line("no owner is unclaimed" if unclaimed else "no owner yet")


@owners.command()
@click.argument("address")
@click.option("--to", "holder", required=True, metavar="PRINCIPAL", help="The person or team that it belongs to.")
@json_option
def claim(address: str, holder: str, as_json: bool) -> None:
    """Give the owner ADDRESS to a person or a team.

    \b
    Example:
      data-platform owners claim shop@example.com --to shop
    """
    with open_platform() as mesh:
        claimed = mesh.claim_owner(address, holder)
    if as_json:
        print_json(claimed)
    else:
        stdout_console().write_line(f"{claimed.address} belongs to {claimed.holder}")


@owners.command()
@click.argument("address")
@json_option
def release(address: str, as_json: bool) -> None:
    """End the claim of the owner ADDRESS.

    \b
    Example:
      data-platform owners release shop@example.com
    """
    with open_platform() as mesh:
        released = mesh.release_owner(address)
    if as_json:
        print_json(released)
    else:
        stdout_console().write_line(f"{released.address} is not claimed any more")


def _build_row(owner: OwnerInfo) -> tuple[object, ...]:
    holder = Styled("unclaimed", "yellow") if owner.holder is None else owner.holder
    return Styled(owner.address, "bold"), holder, ", ".join(owner.products), ", ".join(owner.domains)
