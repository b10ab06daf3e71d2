"""access request, mine, renew, withdraw, break-glass: what those who read data ask for."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_minute
from data_platform.cli.options import (
    NamesType,
    ReferenceType,
    json_option,
    number_argument,
    reference_argument,
    until_option,
)
from data_platform.cli.session import open_platform
from data_platform.cli.views.access import draw_request, draw_requests
from data_platform.spec.product.reference import Reference

FORM = "PRODUCT[.OUTPUT]"
terms_option = click.option("--accept-terms", is_flag=True, help="Accept the terms of the outputs.")


@click.command()
@click.argument("targets", type=ReferenceType(FORM), metavar=f"{FORM}…", nargs=-1, required=True)
@click.option("--purpose", required=True, metavar="TEXT", help="What the data is needed for.")
@click.option("--columns", type=NamesType(), help="Only these columns; without it, all of them.")
@click.option("--until", metavar="WHEN", help='The end of the access: a date, or a period from now, such as "90d".')
@click.option("--team", metavar="TEAM", help="Request it for a team that you are a member of.")
@terms_option
@json_option
def request(
    targets: tuple[Reference, ...],
    purpose: str,
    columns: tuple[str, ...] | None,
    until: str | None,
    team: str | None,
    accept_terms: bool,
    as_json: bool,
) -> None:
    """Request access to outputs; a product stands for each of its outputs.

    The owner decides about the columns without personal data. Those with personal data open once a governor has
    approved too.

    \b
    Examples:
      data-platform access request orders.orders_fact --purpose "churn model" --until 90d
      data-platform access request orders customers --purpose audit --columns id,email --team finance
    """
    with open_platform() as mesh:
        made = mesh.request_access(
            [str(target) for target in targets],
            purpose,
            columns=columns,
            until=until,
            team=team,
            accept_terms=accept_terms,
        )
    print_json(made) if as_json else draw_request(stdout_console(), made)


@click.command()
@json_option
def mine(as_json: bool) -> None:
    """List the requests that you made, and those whose access you or your teams have.

    \b
    Example:
      data-platform access mine
    """
    with open_platform() as mesh:
        listed = mesh.own_access_requests()
    if as_json:
        print_json(listed)
    elif listed:
        draw_requests(stdout_console(), listed)
    else:
        stderr_console().write_line("no requests")


@click.command()
@click.argument("id")
@until_option("The new end of the access")
@terms_option
@json_option
def renew(id: str, until: str, accept_terms: bool, as_json: bool) -> None:
    """Request more time for the grant ID, or for every grant of the request ID.

    The renewal is decided as a request is. Once it is approved, it replaces the grant.

    \b
    Example:
      data-platform access renew 12.1 --until 90d
    """
    with open_platform() as mesh:
        made = mesh.renew_access(id, until, accept_terms=accept_terms)
    print_json(made) if as_json else draw_request(stdout_console(), made)


@click.command()
@number_argument
@json_option
def withdraw(id: int, as_json: bool) -> None:
    """Take back what is not decided yet of your request ID.

    \b
    Example:
      data-platform access withdraw 12
    """
    with open_platform() as mesh:
        changed = mesh.withdraw_access_request(id)
    print_json(changed) if as_json else draw_request(stdout_console(), changed)


@click.command("break-glass")
@reference_argument(FORM)
@click.option("--reason", required=True, metavar="TEXT", help="Why you cannot wait for an approval.")
@json_option
def break_glass(target: Reference, reason: str, as_json: bool) -> None:
    """Take access to an output for one hour, personal data included, without an approval.

    It opens an incident with your name and reason, and it is in the audit log.

    \b
    Example:
      data-platform access break-glass orders.orders_fact --reason "double charges since 09:00"
    """
    with open_platform() as mesh:
        broken = mesh.break_glass(target.refuse_version("break-glass"), reason)
    if as_json:
        print_json(broken)
        return
    console = stdout_console()
    place = f"{broken.product}.{broken.output}"
    console.write_line(Styled(f"grant {broken.grant}", "bold"), f"  {place} until {format_minute(broken.ends_at)}")
    console.write_line(f"incident {broken.incident} says why: {broken.reason}")
