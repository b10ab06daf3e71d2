"""domain: domains, their owners and members."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_size, format_value
from data_platform.cli.options import NamesType, json_option
from data_platform.cli.session import open_platform
from data_platform.cli.views.domain_status import draw_domain
from data_platform.platform import Platform
from data_platform.verbs.results import DomainInfo, DomainUsage, ProductStorage

LISTED = 20


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
    with open_platform() as mesh:
        domains = mesh.domains()
    if as_json:
        print_json(domains)
    elif domains:
        stdout_console().write_table(
            ("domain", "products", "owner", "responsibility"),
            [(Styled(info.name, "bold"), info.products, info.owner, info.responsibility) for info in domains],
        )
    else:
        stderr_console().write_line("no domain yet: register and domain define create domains")


@domain.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show the domain NAME.

    \b
    Example:
      data-platform domain show commerce
    """
    with open_platform() as mesh:
        (info,) = mesh.domains(name)
    _print_domain(info, as_json)


@domain.command()
@click.argument("name")
@json_option
def status(name: str, as_json: bool) -> None:
    """Show what the products of the domain NAME are like now.

    A line for each product: the verdict on its data, its score, when it was published, the least SLA compliance and
    error budget of its promises over 30 days, its open incidents, the points of the checklist that it misses, and how
    many read it.

    \b
    Example:
      data-platform domain status commerce
    """
    with open_platform() as mesh:
        answer = mesh.domain_status(name)
    if as_json:
        print_json(answer)
    else:
        draw_domain(stdout_console(), answer)


@domain.command()
@click.argument("name")
@click.option("--responsibility", help="What the domain is responsible for.")
@click.option("--owner", help="The owner of the domain.")
@click.option("--members", type=NamesType(), help="The members; replaces the current ones.")
@json_option
def define(
    name: str, responsibility: str | None, owner: str | None, members: tuple[str, ...] | None, as_json: bool
) -> None:
    """Create the domain NAME, or change the given properties.

    \b
    Example:
      data-platform domain define commerce --owner ana@example.com --members ana@example.com,bo@example.com
    """
    with open_platform(Platform.open()) as mesh:
        defined = mesh.define_domain(name, responsibility, owner, members)
    _print_domain(defined, as_json)


@domain.command()
@click.argument("name", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=LISTED, show_default=True, help="List at most so many.")
@json_option
def storage(name: str | None, limit: int, as_json: bool) -> None:
    """List the products that store most, of the domain NAME or of all domains that you answer for.

    Counted are the bytes of all versions, as the quotas of domains count them.

    \b
    Example:
      data-platform domain storage commerce
    """
    with open_platform() as mesh:
        rows = mesh.storage(name, limit=limit)
    if as_json:
        print_json(rows)
    elif rows:
        stdout_console().write_table(
            ("product", "domain", "owner", "stored", "versions", "outputs"), map(_format_storage, rows)
        )
    else:
        stderr_console().write_line("nothing is stored in the domains that you answer for")


def _format_storage(row: ProductStorage) -> tuple[object, ...]:
    return Styled(row.product, "bold"), row.domain, row.owner, format_size(row.bytes), row.versions, row.outputs


def _print_domain(domain: DomainInfo, as_json: bool) -> None:
    if as_json:
        print_json(domain)
        return
    console = stdout_console()
    console.write_line(Styled(domain.name, "bold"))
    for name, value in (
        ("responsibility", domain.responsibility),
        ("owner", domain.owner),
        ("members", tuple(domain.members)),
        ("products", domain.products),
        *(() if domain.usage is None else _list_uses(domain.usage)),
    ):
        console.write_line(Styled(f"{name:<15}", "dim"), format_value(value))


def _list_uses(usage: DomainUsage) -> Iterator[tuple[str, str]]:
    """What the domain stores, and what is counted because it has a quota for that."""
    yield "stored", _describe_use(format_size, usage.stored, usage.stored_quota)
    if usage.publishes_quota is not None:
        yield "publishes", _describe_use(str, usage.publishes, usage.publishes_quota)
    if usage.query_seconds_quota is not None:
        used = _describe_use(lambda seconds: f"{seconds:,.0f} s", usage.query_seconds, usage.query_seconds_quota)
        yield "queries", f"{used} in the last hour"


def _describe_use(write: Callable[[Any], str], used: float, quota: int | None) -> str:
    return write(used) if quota is None else f"{write(used)} of {write(quota)}"
