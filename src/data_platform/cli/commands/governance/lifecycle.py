"""transfer, rename, archive, offboard: how products change hands and names, and end."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, answer, notes
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import amount, minute
from data_platform.cli.options import json_option, product_argument
from data_platform.cli.session import opened
from data_platform.verbs.results import ProductState, TransferInfo


@click.command()
@product_argument()
@click.option("--to", "to_owner", metavar="OWNER", help="Offer it to OWNER.")
@click.option("--accept", is_flag=True, help="Take it, as the one that it is offered to.")
@click.option("--withdraw", is_flag=True, help="Take the offer back, or decline it.")
@json_option
def transfer(product: str, to_owner: str | None, accept: bool, withdraw: bool, as_json: bool) -> None:
    """Offer a product to another owner, who accepts it.

    Its owner or its domain offers it; of an owner who is gone, anybody does. The one that it is offered to accepts, or
    a member of a domain whose owner that is. From then on product.yaml must name the new owner.

    \b
    Example:
      data-platform transfer orders-data-product --to checkout-team@example.com
      data-platform transfer orders-data-product --accept
    """
    if sum((to_owner is not None, accept, withdraw)) != 1:
        raise click.UsageError("give one of --to OWNER, --accept and --withdraw")
    with opened() as mesh:
        if to_owner is not None:
            found = mesh.transfer(product, to_owner)
        else:
            found = mesh.accept_transfer(product) if accept else mesh.withdraw_transfer(product)
    if as_json:
        print_json(found)
        return
    paper = answer()
    paper.line(Styled(f"{found.state} ", "green"), Styled(found.product, "bold"), f"  {_hands(found)}")
    if found.state == "accepted":
        paper.line(Styled(f"→ product.yaml: owner: {found.to_owner}", "cyan"), indent=2)


@click.command()
@json_option
def transfers(as_json: bool) -> None:
    """List the products that are offered and not accepted yet.

    \b
    Example:
      data-platform transfers
    """
    with opened() as mesh:
        found = mesh.transfers()
    if as_json:
        print_json(found)
    elif found:
        rows = [(Styled(e.product, "bold"), e.owner, e.to_owner, minute(e.offered_at), e.offered_by) for e in found]
        answer().table(("product", "owner", "offered to", "when", "by"), rows)
    else:
        notes().line("no product is offered")


@click.command()
@product_argument()
@click.argument("new_name", metavar="NEW")
@json_option
def rename(product: str, new_name: str, as_json: bool) -> None:
    """Give a product another name.

    All that is known of it stays, its files do not move, and the old name leads to the new one for good. Its owner
    renames it, and may rename it back. From then on product.yaml must have the new name.

    \b
    Example:
      data-platform rename orders customer-orders
    """
    with opened() as mesh:
        found = mesh.rename(product, new_name)
    if as_json:
        print_json(found)
        return
    paper = answer()
    paper.line(Styled("renamed ", "green"), found.formerly, " to ", Styled(found.product, "bold"))
    paper.line(Styled(f"→ product.yaml: name: {found.product}", "cyan"), indent=2)


@click.command()
@product_argument()
@json_option
def archive(product: str, as_json: bool) -> None:
    """Close a product: it is read on, and takes no more publishes.

    \b
    Example:
      data-platform archive orders-2019
    """
    with opened() as mesh:
        found = mesh.archive(product)
    _tell(found, "archived", as_json)


@click.command()
@product_argument()
@json_option
def unarchive(product: str, as_json: bool) -> None:
    """Open an archived product again.

    \b
    Example:
      data-platform unarchive orders-2019
    """
    with opened() as mesh:
        found = mesh.archive(product, undo=True)
    _tell(found, "open", as_json)


@click.command()
@click.argument("principal", required=False)
@click.option("--back", is_flag=True, help="They are there again.")
@json_option
def offboard(principal: str | None, back: bool, as_json: bool) -> None:
    """Say who is gone, so that their products find an owner.

    Each product that they own has an incident until it is transferred. Without a name: everybody who is gone.

    \b
    Example:
      data-platform offboard olga@example.com
    """
    if principal is None and back:
        raise click.UsageError("name who is back")
    with opened() as mesh:
        found = [mesh.offboard(principal, back=back)] if principal is not None else mesh.departures()
    if as_json:
        print_json(found if principal is None else found[0])
        return
    if not found:
        notes().line("nobody is gone")
    paper = answer()
    for each in found:
        state = "back" if each.back else f"gone since {minute(each.at)}"
        paper.line(Styled(each.principal, "bold"), f"  {state}, owns {amount(len(each.products), 'product')}")
        for name in each.products if not each.back else ():
            paper.line(Styled(f"→ data-platform transfer {name} --to OWNER", "cyan"), indent=2)


def _hands(found: TransferInfo) -> str:
    return f"from {found.owner} to {found.to_owner}"


def _tell(found: ProductState, did: str, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        answer().line(Styled(f"{did} ", "green"), Styled(found.product, "bold"))
