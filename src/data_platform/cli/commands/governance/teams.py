"""teams: list and create teams, and change their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import ListingGroup, NamesType, json_option
from data_platform.cli.session import open_platform

if TYPE_CHECKING:
    from data_platform.verbs.results import TeamInfo


@click.group(cls=ListingGroup)
def teams() -> None:
    """List and create teams, and change their members."""


@teams.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the teams with their members.

    \b
    Example:
      data-platform teams
    """
    with open_platform() as mesh:
        listed = mesh.teams()
    if as_json:
        print_json(listed)
    elif listed:
        rows = ((Styled(team.name, "bold"), ", ".join(team.members)) for team in listed)
        stdout_console().write_table(("team", "members"), rows)
    else:
        stderr_console().write_line("no team yet: data-platform teams create TEAM")


@teams.command()
@click.argument("team")
@click.option("--members", type=NamesType(), default=(), help="Its members; a name that is new is a person.")
@json_option
def create(team: str, members: tuple[str, ...], as_json: bool) -> None:
    """Create the team TEAM, or add the members that it lacks.

    \b
    Example:
      data-platform teams create shop --members ana@example.com,bo@example.com
    """
    with open_platform() as mesh:
        _print_team(mesh.create_team(team, members), as_json)


@teams.command()
@click.argument("team")
@click.argument("member")
@json_option
def add(team: str, member: str, as_json: bool) -> None:
    """Add MEMBER to TEAM; a name that is new is a person.

    \b
    Example:
      data-platform teams add shop cy@example.com
    """
    with open_platform() as mesh:
        _print_team(mesh.add_member(team, member), as_json)


@teams.command()
@click.argument("team")
@click.argument("member")
@json_option
def remove(team: str, member: str, as_json: bool) -> None:
    """Remove MEMBER from TEAM.

    \b
    Example:
      data-platform teams remove shop cy@example.com
    """
    with open_platform() as mesh:
        _print_team(mesh.remove_member(team, member), as_json)


def _print_team(team: TeamInfo, as_json: bool) -> None:
    if as_json:
        print_json(team)
    else:
        stdout_console().write_line(Styled(team.name, "bold"), f": {', '.join(team.members) or 'no members'}")
