"""policies waive, waivers, approve, end, attest, attestations, withdraw: exceptions from policies, and attestations."""

from __future__ import annotations

import click

from data_platform.cli.console.console import stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option, number_argument, until_option
from data_platform.cli.session import open_platform
from data_platform.cli.views.policies import draw_attestations, draw_waivers
from data_platform.settings.identity import VARIABLE


@click.command()
@click.argument("product")
@click.argument("policy")
@click.option("--reason", required=True, help="The reason for the exception.")
@until_option("The end date, at most a year from now")
@click.option("--subject", help="Only this column or output, such as orders_fact.email.  [default: the product]")
@json_option
def waive(product: str, policy: str, reason: str, until: str, subject: str | None, as_json: bool) -> None:
    """Request a waiver: an exception from POLICY for PRODUCT.

    Another user must approve it.

    \b
    Example:
      data-platform policies waive orders pii-encryption --reason "the key service moves" --until 2027-01-31
    """
    with open_platform() as mesh:
        done = mesh.waive_policy(product, policy, reason, until, subject)
    if as_json:
        print_json(done)
    else:
        draw_waivers(stdout_console(), [done])
        command = f"{VARIABLE}=NAME data-platform policies approve {done.id}"
        stderr_console().write_line(f"another user must approve it: {command}")


@click.command()
@click.argument("product", required=False)
@json_option
def waivers(product: str | None, as_json: bool) -> None:
    """List the waivers of PRODUCT, or of all products.

    \b
    Example:
      data-platform policies waivers
    """
    with open_platform() as mesh:
        rows = mesh.waivers(product)
    if as_json:
        print_json(rows)
    elif rows:
        draw_waivers(stdout_console(), rows)
    else:
        stderr_console().write_line("no waivers")


@click.command()
@number_argument
@json_option
def approve(id: int, as_json: bool) -> None:
    """Approve the waiver ID, which another user requested. Without a server DATA_PLATFORM_USER names who approves.

    \b
    Examples:
      data-platform policies approve 4
      DATA_PLATFORM_USER=bea@example.com data-platform policies approve 4
    """
    with open_platform() as mesh:
        done = mesh.approve_waiver(id)
    print_json(done) if as_json else draw_waivers(stdout_console(), [done])


@click.command()
@number_argument
@json_option
def end(id: int, as_json: bool) -> None:
    """Decline the request ID, or end the waiver early.

    \b
    Example:
      data-platform policies end 4
    """
    with open_platform() as mesh:
        done = mesh.end_waiver(id)
    print_json(done) if as_json else draw_waivers(stdout_console(), [done])


@click.command()
@click.argument("product")
@click.argument("policy")
@click.option("--evidence", required=True, help="A reference to the evidence.")
@until_option("The end date, at most a year from now")
@json_option
def attest(product: str, policy: str, evidence: str, until: str, as_json: bool) -> None:
    """Attest that PRODUCT complies with POLICY.

    An attestation is for policies that cannot be checked automatically.

    \b
    Example:
      data-platform policies attest orders reviewed-by-legal --evidence "ticket LEGAL-7" --until 2027-06-30
    """
    with open_platform() as mesh:
        done = mesh.attest_policy(product, policy, evidence, until)
    print_json(done) if as_json else draw_attestations(stdout_console(), [done])


@click.command()
@click.argument("product", required=False)
@json_option
def attestations(product: str | None, as_json: bool) -> None:
    """List the attestations of PRODUCT, or of all products.

    \b
    Example:
      data-platform policies attestations orders
    """
    with open_platform() as mesh:
        rows = mesh.attestations(product)
    if as_json:
        print_json(rows)
    elif rows:
        draw_attestations(stdout_console(), rows)
    else:
        stderr_console().write_line("no attestations")


@click.command()
@number_argument
@json_option
def withdraw(id: int, as_json: bool) -> None:
    """Withdraw the attestation ID.

    \b
    Example:
      data-platform policies withdraw 2
    """
    with open_platform() as mesh:
        done = mesh.withdraw_attestation(id)
    print_json(done) if as_json else draw_attestations(stdout_console(), [done])
