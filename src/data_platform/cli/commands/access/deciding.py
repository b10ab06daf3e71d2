"""access to-decide, show, approve, deny, revoke, review: what owners, approvers and governors do."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option, number_argument, product_argument
from data_platform.cli.session import open_platform
from data_platform.cli.views.access import draw_detail, draw_request, draw_requests, draw_reviews
from data_platform.errors import BadInput

outputs_option = click.option(
    "--output", "outputs", multiple=True, metavar="PRODUCT.OUTPUT", help="Only this output of the request; repeatable."
)


@click.command("to-decide")
@json_option
def to_decide(as_json: bool) -> None:
    """List the requests that wait for your decision.

    \b
    Example:
      data-platform access to-decide
    """
    with open_platform() as mesh:
        listed = mesh.undecided_access_requests()
    if as_json:
        print_json(listed)
    elif listed:
        draw_requests(stdout_console(), listed)
    else:
        stderr_console().write_line("no request waits for you")


@click.command()
@number_argument
@json_option
def show(id: int, as_json: bool) -> None:
    """Show the request ID: the columns, rows and derived products that it opens, its decisions and its grants.

    \b
    Example:
      data-platform access show 12
    """
    with open_platform() as mesh:
        detail = mesh.access_request(id)
    print_json(detail) if as_json else draw_detail(stdout_console(), detail)


@click.command()
@number_argument
@click.option("--note", metavar="TEXT", help="A note for the requester.")
@outputs_option
@json_option
def approve(id: int, note: str | None, outputs: tuple[str, ...], as_json: bool) -> None:
    """Approve the request ID, and show who has to approve yet.

    The approval of an owner opens the columns without personal data. Those with personal data open once a governor has
    approved too. Nobody approves a request of their own, and nobody gives both approvals. Without a server
    DATA_PLATFORM_USER names who approves.

    \b
    Examples:
      data-platform access approve 12
      data-platform access approve 12 --output orders.orders_fact --note "for this quarter"
    """
    with open_platform() as mesh:
        changed = mesh.approve_access(id, note, outputs=outputs or None)
    print_json(changed) if as_json else draw_request(stdout_console(), changed)


@click.command()
@number_argument
@click.option("--note", required=True, metavar="TEXT", help="Why it is denied.")
@outputs_option
@json_option
def deny(id: int, note: str, outputs: tuple[str, ...], as_json: bool) -> None:
    """Deny what is not decided yet of the request ID.

    What was opened before stays open: `access revoke` ends it.

    \b
    Example:
      data-platform access deny 12 --note "use orders_daily, it has no personal data"
    """
    with open_platform() as mesh:
        changed = mesh.deny_access(id, note, outputs=outputs or None)
    print_json(changed) if as_json else draw_request(stdout_console(), changed)


@click.command()
@click.argument("id")
@json_option
def revoke(id: str, as_json: bool) -> None:
    """End the grant ID, or all grants of the request ID. A holder may give access up too.

    \b
    Examples:
      data-platform access revoke 12
      data-platform access revoke 12.1
    """
    with open_platform() as mesh:
        ended = mesh.revoke_access(id)
    if as_json:
        print_json(ended)
        return
    for grant in ended:
        place = f"{grant.product}.{grant.output}"
        stdout_console().write_line(Styled(f"grant {grant.id}", "bold"), f"  of {grant.holder} to {place} has ended")


@click.command()
@product_argument(required=False)
@click.option("--narrow", "narrowed", metavar="ID", help="Narrow the grant ID to the columns that were really read.")
@json_option
def review(product: str | None, narrowed: str | None, as_json: bool) -> None:
    """List the open grants of your products, or of PRODUCT: what their holders really read, and when last.

    \b
    Examples:
      data-platform access review
      data-platform access review --narrow 12.1
    """
    if product is not None and narrowed is not None:
        raise BadInput(
            "a product and --narrow exclude each other", hint=f"data-platform access review --narrow {narrowed}"
        )
    with open_platform() as mesh:
        reviews = mesh.review_access(product) if narrowed is None else [mesh.narrow_access(narrowed)]
    if as_json:
        print_json(reviews if narrowed is None else reviews[0])
    elif reviews:
        draw_reviews(stdout_console(), reviews)
    else:
        stderr_console().write_line("no open grants")
