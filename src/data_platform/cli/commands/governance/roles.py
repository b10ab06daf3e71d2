"""roles: list, grant and revoke the roles of principals."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import ListingGroup, json_option
from data_platform.cli.session import open_platform

ROLES = ("consumer", "owner", "domain-owner", "governor", "admin")
role_argument = click.argument("role", type=click.Choice(ROLES))
domain_option = click.option("--domain", help="In this domain alone; for owner and domain-owner.")


@click.group(cls=ListingGroup)
def roles() -> None:
    """List, grant and revoke roles."""


@roles.command("list")
@click.argument("principal", required=False)
@json_option
def list_(principal: str | None, as_json: bool) -> None:
    """List the roles of the mesh, or of PRINCIPAL.

    \b
    Example:
      data-platform roles
    """
    with open_platform() as mesh:
        listed = mesh.roles(principal)
    if as_json:
        print_json(listed)
    elif listed:
        rows = ((Styled(role.principal, "bold"), role.role, role.domain, role.granted_by) for role in listed)
        stdout_console().write_table(("principal", "role", "domain", "granted by"), rows)
    else:
        stderr_console().write_line("no role was granted: data-platform roles grant PRINCIPAL ROLE")


@roles.command()
@click.argument("principal")
@role_argument
@domain_option
@json_option
def grant(principal: str, role: str, domain: str | None, as_json: bool) -> None:
    """Give PRINCIPAL a role; the members of a team have its roles.

    \b
    Example:
      data-platform roles grant ana@example.com domain-owner --domain commerce
    """
    with open_platform() as mesh:
        granted = mesh.grant_role(principal, role, domain)
    if as_json:
        print_json(granted)
    else:
        stdout_console().write_line(f"{granted.principal} has the role {granted.role}{_describe(granted.domain)}")


@roles.command()
@click.argument("principal")
@role_argument
@domain_option
@json_option
def revoke(principal: str, role: str, domain: str | None, as_json: bool) -> None:
    """Take a role of PRINCIPAL back.

    \b
    Example:
      data-platform roles revoke ana@example.com governor
    """
    with open_platform() as mesh:
        revoked = mesh.revoke_role(principal, role, domain)
    if as_json:
        print_json(revoked)
    else:
        line = f"{revoked.principal} has no longer the role {revoked.role}{_describe(revoked.domain)}"
        stdout_console().write_line(line)


def _describe(domain: str | None) -> str:
    return "" if domain is None else f" in {domain}"
