"""tokens: create, list and revoke tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import ListingGroup, NamesType, json_option, number_argument
from data_platform.cli.session import open_platform, warn

if TYPE_CHECKING:
    from data_platform.verbs.results import TokenInfo

ROLES = ("consumer", "owner", "governor", "admin")
KINDS = ("service", "person", "agent")
_COLORS = {"valid": "green", "expired": "yellow", "revoked": "dim"}


@click.group(cls=ListingGroup)
def tokens() -> None:
    """Create, list and revoke tokens."""


@tokens.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the token may be used for.")
@click.option("--team", help="The team that the token acts for; NAME becomes a member.")
@click.option("--kind", type=click.Choice(KINDS), help="What NAME is; a new one is a service.")
@click.option("--for", "acts_for", metavar="PERSON", help="The person that the agent NAME acts for.")
@click.option("--verbs", type=NamesType(), help="Only these verbs, such as read,consume,publish.")
@click.option("--domains", type=NamesType(), help="Only products of these domains.")
@click.option("--read-only", is_flag=True, help="Only verbs that read.")
@click.option("--expires", metavar="WHEN", help='When it ends: a date, or a period from now, such as "90d" or "8h".')
@json_option
def create(
    name: str,
    role: str,
    team: str | None,
    kind: str | None,
    acts_for: str | None,
    verbs: tuple[str, ...] | None,
    domains: tuple[str, ...] | None,
    read_only: bool,
    expires: str | None,
    as_json: bool,
) -> None:
    """Create a token for NAME, and print it this one time.

    NAME, its team and its role are made if they are missing.

    \b
    Example:
      data-platform tokens create nightly-load --role owner --team shop --expires 90d
    """
    with open_platform() as mesh:
        created = mesh.create_token(
            name,
            role,
            team=team,
            kind=kind,
            acts_for=acts_for,
            verbs=verbs,
            domains=domains,
            read_only=read_only,
            expires=expires,
        )
        absent = sorted(set(domains or ()) - {domain.name for domain in mesh.domains()}) if domains else []
    if absent:
        warn(f"there is no domain {', '.join(absent)} yet: data-platform domain list")
    if as_json:
        print_json(created)
        return
    stdout_console().write_line(created.token)
    end = "which does not expire" if created.expires_at is None else f"until {created.expires_at:%Y-%m-%d %H:%M} UTC"
    stderr_console().write_line(f"token {created.id} of {created.principal} as {created.role}, {end}")
    stderr_console().write_line(Styled("keep it now: it is not shown again", "yellow"))


@tokens.command("list")
@click.argument("principal", required=False)
@json_option
def list_(principal: str | None, as_json: bool) -> None:
    """List the tokens of the mesh, or of PRINCIPAL.

    \b
    Example:
      data-platform tokens --json
    """
    with open_platform() as mesh:
        listed = mesh.tokens(principal)
    if as_json:
        print_json(listed)
    elif listed:
        columns = ("id", "principal", "token", "role", "team", "state", "expires", "last used")
        stdout_console().write_table(columns, map(_build_row, listed))
    else:
        stderr_console().write_line("no token yet: data-platform tokens create NAME --role ROLE")


@tokens.command()
@number_argument
@json_option
def revoke(id: int, as_json: bool) -> None:
    """End the token ID before its time.

    \b
    Example:
      data-platform tokens revoke 3
    """
    with open_platform() as mesh:
        revoked = mesh.revoke_token(id)
    if as_json:
        print_json(revoked)
    else:
        stdout_console().write_line(f"token {revoked.id} of {revoked.principal} has ended")


def _build_row(token: TokenInfo) -> tuple[object, ...]:
    return (
        token.id,
        Styled(token.principal, "bold"),
        f"{token.prefix}…",
        token.role,
        token.team,
        Styled(token.state, _COLORS[token.state]),
        "never" if token.expires_at is None else f"{token.expires_at:%Y-%m-%d}",
        "never" if token.last_used_at is None else f"{token.last_used_at:%Y-%m-%d %H:%M}",
    )
