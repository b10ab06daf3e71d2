"""principals: list, show and disable who may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_value
from data_platform.cli.options import ListingGroup, json_option
from data_platform.cli.session import open_platform

if TYPE_CHECKING:
    from data_platform.verbs.results import PrincipalDetail, PrincipalInfo, RoleInfo

KINDS = ("person", "team", "service", "agent")


@click.group(cls=ListingGroup)
def principals() -> None:
    """List, show and disable principals."""


@principals.command("list")
@click.option("--kind", type=click.Choice(KINDS), help="Only principals of this kind.")
@json_option
def list_(kind: str | None, as_json: bool) -> None:
    """List the principals of the mesh.

    \b
    Example:
      data-platform principals --kind service
    """
    with open_platform() as mesh:
        listed = mesh.principals(kind)
    if as_json:
        print_json(listed)
    elif listed:
        stdout_console().write_table(("principal", "kind", "for", "state"), map(_build_row, listed))
    else:
        stderr_console().write_line("no principal yet: data-platform tokens create NAME --role ROLE")


@principals.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show the principal NAME with its teams, roles and owners.

    \b
    Example:
      data-platform principals show ana@example.com
    """
    with open_platform() as mesh:
        detail = mesh.principal_info(name)
    if as_json:
        print_json(detail)
    else:
        _print_detail(detail)


@principals.command("set")
@click.argument("name")
@click.option("--attribute", "attributes", multiple=True, metavar="NAME=VALUE", help="Set this attribute; repeatable.")
@click.option("--remove", multiple=True, metavar="NAME", help="Remove this attribute; repeatable.")
@json_option
def set_(name: str, attributes: tuple[str, ...], remove: tuple[str, ...], as_json: bool) -> None:
    """Set attributes of the principal NAME, which row filters of products name.

    A value is a number, true, false, a date (2026-01-31) or else text; single quotes make text of anything.

    \b
    Example:
      data-platform principals set ana@example.com --attribute region=EU --attribute level=3
    """
    with open_platform() as mesh:
        info = mesh.set_attributes(name, attributes, remove=remove)
    if as_json:
        print_json(info)
    else:
        listed = _list_attributes(info)
        stdout_console().write_line(f"{info.name} has {', '.join(listed) or 'no attribute'}")


@principals.command()
@click.argument("name")
@json_option
def disable(name: str, as_json: bool) -> None:
    """Disable the principal NAME: its tokens end.

    \b
    Example:
      data-platform principals disable nightly-load
    """
    with open_platform() as mesh:
        _print_change(mesh.disable_principal(name), as_json)


@principals.command()
@click.argument("name")
@json_option
def enable(name: str, as_json: bool) -> None:
    """Enable the principal NAME again; it needs new tokens.

    \b
    Example:
      data-platform principals enable nightly-load
    """
    with open_platform() as mesh:
        _print_change(mesh.enable_principal(name), as_json)


def _build_row(info: PrincipalInfo) -> tuple[object, ...]:
    return Styled(info.name, "bold"), info.kind, info.acts_for, _describe_state(info)


def _describe_state(info: PrincipalInfo) -> str:
    return "enabled" if info.disabled_at is None else f"disabled {info.disabled_at:%Y-%m-%d}"


def _print_detail(detail: PrincipalDetail) -> None:
    console, info = stdout_console(), detail.principal
    console.write_line(Styled(info.name, "bold"))
    for name, value in (
        ("kind", info.kind),
        ("acts for", info.acts_for),
        ("state", _describe_state(info)),
        ("teams", detail.teams),
        ("members", detail.members),
        ("roles", tuple(map(_describe_role, detail.roles))),
        ("owners", detail.owners),
        ("attributes", _list_attributes(info)),
    ):
        if value:
            console.write_line(Styled(f"{name:<15}", "dim"), format_value(value))


def _list_attributes(info: PrincipalInfo) -> tuple[str, ...]:
    return tuple(f"{name}={value}" for name, value in info.attributes.items())


def _describe_role(role: RoleInfo) -> str:
    return role.role if role.domain is None else f"{role.role} of {role.domain}"


def _print_change(info: PrincipalInfo, as_json: bool) -> None:
    if as_json:
        print_json(info)
    else:
        stdout_console().write_line(f"{info.name} is {_describe_state(info)}")
