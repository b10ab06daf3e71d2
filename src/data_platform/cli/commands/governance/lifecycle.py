"""transfer, rename, archive, offboard: the owner, the name and the end of products."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count, format_minute
from data_platform.cli.options import json_option, product_argument
from data_platform.cli.session import open_platform
from data_platform.verbs.results import ProductState, TransferInfo


@click.command()
@product_argument()
@click.option("--to", "to_owner", metavar="OWNER", help="Offer the product to OWNER.")
@click.option("--accept", is_flag=True, help="Accept the product that is offered to you.")
@click.option("--withdraw", is_flag=True, help="Withdraw or decline the offer.")
@json_option
def transfer(product: str, to_owner: str | None, accept: bool, withdraw: bool, as_json: bool) -> None:
    """Transfer a product to another owner.

    The owner or a member of its domain offers the product; if the owner was offboarded, any user does. The new owner
    accepts it, or a member of a domain that the new owner owns. Then product.yaml must name the new owner.

    \b
    Example:
      data-platform transfer orders-data-product --to checkout-team@example.com
      data-platform transfer orders-data-product --accept
    """
    if sum((to_owner is not None, accept, withdraw)) != 1:
        raise click.UsageError("give one of --to OWNER, --accept and --withdraw")
    with open_platform() as mesh:
        if to_owner is not None:
            offer = mesh.transfer(product, to_owner)
        else:
            offer = mesh.accept_transfer(product) if accept else mesh.withdraw_transfer(product)
    if as_json:
        print_json(offer)
        return
    console = stdout_console()
    console.write_line(
        Styled(f"{offer.state} ", "green"), Styled(offer.product, "bold"), f"  {_describe_owners(offer)}"
    )
    if offer.state == "accepted":
        console.write_line(Styled(f"→ product.yaml: owner: {offer.to_owner}", "cyan"), indent=2)


@click.command()
@json_option
def transfers(as_json: bool) -> None:
    """List transfers that are not accepted yet.

    \b
    Example:
      data-platform transfers
    """
    with open_platform() as mesh:
        offers = mesh.transfers()
    if as_json:
        print_json(offers)
    elif offers:
        rows = [
            (Styled(e.product, "bold"), e.owner, e.to_owner, format_minute(e.offered_at), e.offered_by) for e in offers
        ]
        stdout_console().write_table(("product", "owner", "offered to", "when", "by"), rows)
    else:
        stderr_console().write_line("no product is offered")


@click.command()
@product_argument()
@click.argument("new_name", metavar="NEW")
@json_option
def rename(product: str, new_name: str, as_json: bool) -> None:
    """Rename a product.

    Its history and files stay, and the old name redirects to the new one. Only the owner can rename a product, and can
    undo it by renaming it back. Then product.yaml must have the new name.

    \b
    Example:
      data-platform rename orders customer-orders
    """
    with open_platform() as mesh:
        renamed = mesh.rename(product, new_name)
    if as_json:
        print_json(renamed)
        return
    console = stdout_console()
    console.write_line(Styled("renamed ", "green"), renamed.formerly, " to ", Styled(renamed.product, "bold"))
    console.write_line(Styled(f"→ product.yaml: name: {renamed.product}", "cyan"), indent=2)


@click.command()
@product_argument()
@json_option
def archive(product: str, as_json: bool) -> None:
    """Archive a product: it stays readable, but publishing ends.

    \b
    Example:
      data-platform archive orders-2019
    """
    with open_platform() as mesh:
        state = mesh.archive(product)
    _print_state(state, "archived", as_json)


@click.command()
@product_argument()
@json_option
def unarchive(product: str, as_json: bool) -> None:
    """Reopen an archived product.

    \b
    Example:
      data-platform unarchive orders-2019
    """
    with open_platform() as mesh:
        state = mesh.archive(product, undo=True)
    _print_state(state, "open", as_json)


@click.command()
@click.argument("principal", required=False)
@click.option("--back", is_flag=True, help="Record that the owner is back.")
@json_option
def offboard(principal: str | None, back: bool, as_json: bool) -> None:
    """Record that an owner has left, and list products to transfer.

    Each product of PRINCIPAL gets an incident until it is transferred. Without PRINCIPAL, all offboarded owners are
    listed.

    \b
    Example:
      data-platform offboard olga@example.com
    """
    if principal is None and back:
        raise click.UsageError("--back needs a PRINCIPAL")
    with open_platform() as mesh:
        departures = [mesh.offboard(principal, back=back)] if principal is not None else mesh.departures()
    if as_json:
        print_json(departures if principal is None else departures[0])
        return
    if not departures:
        stderr_console().write_line("no offboarded owners")
    console = stdout_console()
    for departure in departures:
        state = "back" if departure.back else f"offboarded {format_minute(departure.at)}"
        console.write_line(
            Styled(departure.principal, "bold"), f"  {state}, owns {format_count(len(departure.products), 'product')}"
        )
        for name in departure.products if not departure.back else ():
            console.write_line(Styled(f"→ data-platform transfer {name} --to OWNER", "cyan"), indent=2)


def _describe_owners(offer: TransferInfo) -> str:
    return f"from {offer.owner} to {offer.to_owner}"


def _print_state(state: ProductState, did: str, as_json: bool) -> None:
    if as_json:
        print_json(state)
    else:
        stdout_console().write_line(Styled(f"{did} ", "green"), Styled(state.product, "bold"))
