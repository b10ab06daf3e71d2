"""policies matrix, policies violations: how the domains keep the policies, and which products break one."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_minute
from data_platform.cli.options import json_option
from data_platform.cli.session import open_platform
from data_platform.verbs.results import PolicyStanding, ViolationInfo


@click.command()
@json_option
def matrix(as_json: bool) -> None:
    """Count by domain the products that keep, break, or are exempt from each policy.

    \b
    Example:
      data-platform policies matrix
    """
    with open_platform() as mesh:
        rows = mesh.policy_matrix()
    if as_json:
        print_json(rows)
    elif rows:
        header = ("policy", "level", "enforcement", "domain", "products", "kept", "violated", "waived", "attested")
        stdout_console().write_table(header, map(_format_standing, rows))
    else:
        stderr_console().write_line("no policy applies to a product; apply one: data-platform policies apply FILE")


@click.command()
@click.argument("product", required=False)
@click.option("--policy", help="Only violations of this policy.")
@click.option("--domain", help="Only products of this domain.")
@json_option
def violations(product: str | None, policy: str | None, domain: str | None, as_json: bool) -> None:
    """List what PRODUCT, or all products, violate now.

    \b
    Examples:
      data-platform policies violations
      data-platform policies violations --policy pii-encryption --domain sales
    """
    with open_platform() as mesh:
        rows = mesh.violations(policy, domain, product)
    if as_json:
        print_json(rows)
    elif rows:
        header = ("product", "domain", "policy", "enforcement", "since", "incident", "reason")
        stdout_console().write_table(header, map(_format_violation, rows))
    else:
        stderr_console().write_line("no violations")


def _format_standing(row: PolicyStanding) -> tuple[object, ...]:
    violated = Styled(str(row.violated), "red" if row.violated else "dim")
    return (
        Styled(row.policy, "bold"),
        row.level,
        row.enforcement,
        row.domain,
        row.products,
        row.kept,
        violated,
        row.waived,
        row.attested,
    )


def _format_violation(row: ViolationInfo) -> tuple[object, ...]:
    since = format_minute(row.since)
    return Styled(row.product, "bold"), row.domain, row.policy, row.enforcement, since, row.incident, row.reason
