"""domain: who is responsible for what."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, answer, notes
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import words
from data_platform.cli.options import Names, json_option
from data_platform.cli.session import opened
from data_platform.platform import Platform
from data_platform.verbs.results import DomainInfo


@click.group()
def domain() -> None:
    """List, show and define domains."""


@domain.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List all domains.

    \b
    Example:
      data-platform domain list --json
    """
    with opened() as mesh:
        found = mesh.domains()
    if as_json:
        print_json(found)
    elif found:
        answer().table(
            ("domain", "products", "owner", "responsibility"),
            [(Styled(each.name, "bold"), each.products, each.owner, each.responsibility) for each in found],
        )
    else:
        notes().line("no domain yet: registering a product makes its domain, and so does domain define")


@domain.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show the domain NAME.

    \b
    Example:
      data-platform domain show commerce
    """
    with opened() as mesh:
        (found,) = mesh.domains(name)
    _tell(found, as_json)


@domain.command()
@click.argument("name")
@click.option("--responsibility", help="What the domain is responsible for.")
@click.option("--owner", help="Whom to ask.")
@click.option("--members", type=Names(), help="Who belongs to it; replaces the members there were.")
@json_option
def define(
    name: str, responsibility: str | None, owner: str | None, members: tuple[str, ...] | None, as_json: bool
) -> None:
    """Create the domain NAME, or change what is given of it.

    \b
    Example:
      data-platform domain define commerce --owner ana@example.com --members ana@example.com,bo@example.com
    """
    with opened(Platform.open()) as mesh:
        defined = mesh.define_domain(name, responsibility, owner, members)
    _tell(defined, as_json)


def _tell(domain: DomainInfo, as_json: bool) -> None:
    if as_json:
        print_json(domain)
        return
    paper = answer()
    paper.line(Styled(domain.name, "bold"))
    for name, value in (
        ("responsibility", domain.responsibility),
        ("owner", domain.owner),
        ("members", tuple(domain.members)),
        ("products", domain.products),
    ):
        paper.line(Styled(f"{name:<15}", "dim"), words(value))
