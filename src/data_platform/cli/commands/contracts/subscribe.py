"""subscribe, unsubscribe, changes: notifications about contracts."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Console, Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_minute
from data_platform.cli.options import json_option, product_argument
from data_platform.cli.session import open_platform
from data_platform.verbs.results import ContractChange

_STYLES = {"registered": "green", "changed": "yellow", "deprecated": "red", "retired": "red"}


@click.command()
@product_argument(required=False)
@json_option
def subscribe(product: str | None, as_json: bool) -> None:
    """Subscribe to a product's contract, or list subscriptions.

    \b
    Example:
      data-platform subscribe orders-data-product
    """
    with open_platform() as mesh:
        subscriptions = [mesh.subscribe(product)] if product else mesh.subscriptions()
    if as_json:
        print_json(subscriptions)
    elif product:
        stdout_console().write_line(
            Styled("subscribed   ", "green"), Styled(product, "bold"), ": data-platform changes lists its changes"
        )
    elif subscriptions:
        rows = [
            (Styled(subscription.product, "bold"), subscription.since, subscription.seen)
            for subscription in subscriptions
        ]
        stdout_console().write_table(("product", "since", "seen until"), rows)
    else:
        stderr_console().write_line("you have no subscriptions: data-platform subscribe PRODUCT")


@click.command()
@product_argument()
def unsubscribe(product: str) -> None:
    """Cancel the subscription to a product's contract.

    \b
    Example:
      data-platform unsubscribe orders-data-product
    """
    with open_platform() as mesh:
        mesh.unsubscribe(product)
    stdout_console().write_line(Styled("unsubscribed ", "dim"), Styled(product, "bold"))


@click.command()
@product_argument(required=False)
@click.option("--keep", is_flag=True, help="Do not mark the changes as seen.")
@json_option
def changes(product: str | None, keep: bool, as_json: bool) -> None:
    """Show changes of the contracts that you subscribe to.

    With PRODUCT, all its changes are shown; without it, the new changes of your subscriptions.

    Changes are registered and changed contracts, and deprecated and retired majors. A new change is shown once.

    \b
    Example:
      data-platform changes
    """
    with open_platform() as mesh:
        events = mesh.changes(product, stay_new=keep)
    if as_json:
        print_json(events)
        return
    for change in events:
        _print_change(stdout_console(), change)
    if not events:
        stderr_console().write_line("no new changes")


def _print_change(console: Console, change: ContractChange) -> None:
    subject = f"{change.product}.{change.output}" if change.output else change.product
    pieces = [
        Styled(f"{format_minute(change.at)}  ", "dim"),
        Styled(f"{change.happened:<11}", _STYLES[change.happened]),
        Styled(subject, "bold"),
    ]
    if change.revision is not None:
        pieces.append(Styled(f"  revision {change.revision}, version {change.version}, by {change.by}", "dim"))
    if change.ends_at is not None:
        pieces.append(Styled(f"  ends {format_minute(change.ends_at)}", "red"))
    console.write_line(*pieces)
    for line in change.changes:
        console.write_line(line, indent=22)
