"""whoami: as whom the mesh knows you."""

from __future__ import annotations

from collections.abc import Iterator

import click

from data_platform.cli.console.console import Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_minute, format_value
from data_platform.cli.options import json_option
from data_platform.cli.session import open_platform
from data_platform.verbs.results import CallerInfo, CallerTokenInfo

_WAYS = {
    "home": "the home, which was opened directly",
    "token": "a token",
    "sign-in": "a session or the identity provider",
}


@click.command()
@json_option
def whoami(as_json: bool) -> None:
    """Show as whom the mesh knows you.

    It shows the name, how you signed in, roles, teams, domains, and the scope and end of your token.

    \b
    Example:
      data-platform whoami
    """
    with open_platform() as mesh:
        caller = mesh.who_am_i()
    if as_json:
        print_json(caller)
        return
    console = stdout_console()
    console.write_line(Styled(caller.principal, "bold"), "" if caller.verified else " (unverified)")
    for name, value in _list_fields(caller):
        if value:
            console.write_line(Styled(f"{name:<23}", "dim"), format_value(value))


def _list_fields(caller: CallerInfo) -> Iterator[tuple[str, object]]:
    yield "kind", caller.kind
    yield "signed in with", _WAYS.get(caller.signed_in_with)
    yield "acts for", caller.acts_for
    yield "roles", caller.roles
    yield "teams", caller.teams
    yield "domains", caller.domains
    if caller.token is not None:
        yield from _list_token_fields(caller.token)


def _list_token_fields(token: CallerTokenInfo) -> Iterator[tuple[str, object]]:
    yield "token", f"{token.id}, as {token.role}{', read-only' if token.read_only else ''}"
    yield "token until", "it is revoked" if token.expires_at is None else format_minute(token.expires_at)
    yield "only for the team", token.team
    yield "only for the domains", token.domains
    yield "only for the actions", token.verbs
