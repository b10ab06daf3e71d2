"""subscribe, unsubscribe, changes: hear what happens to the contracts that one relies on."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Paper, Styled, answer, notes
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import minute
from data_platform.cli.options import json_option, product_argument
from data_platform.cli.session import opened
from data_platform.verbs.results import ContractChange

_STYLES = {"registered": "green", "changed": "yellow", "deprecated": "red", "retired": "red"}


@click.command()
@product_argument(required=False)
@json_option
def subscribe(product: str | None, as_json: bool) -> None:
    """Follow a product's contract, or list what you follow.

    \b
    Example:
      data-platform subscribe orders-data-product
    """
    with opened() as mesh:
        found = [mesh.subscribe(product)] if product else mesh.subscriptions()
    if as_json:
        print_json(found)
    elif product:
        answer().line(Styled("following  ", "green"), Styled(product, "bold"), ": data-platform changes has the news")
    elif found:
        rows = [(Styled(each.product, "bold"), each.since, each.seen) for each in found]
        answer().table(("product", "since", "seen until"), rows)
    else:
        notes().line("you follow nothing yet: data-platform subscribe PRODUCT")


@click.command()
@product_argument()
def unsubscribe(product: str) -> None:
    """Follow a product no more.

    \b
    Example:
      data-platform unsubscribe orders-data-product
    """
    with opened() as mesh:
        mesh.unsubscribe(product)
    answer().line(Styled("unfollowed ", "dim"), Styled(product, "bold"))


@click.command()
@product_argument(required=False)
@click.option("--keep", is_flag=True, help="Leave the news unseen, so that they come again.")
@json_option
def changes(product: str | None, keep: bool, as_json: bool) -> None:
    """Show what happened to the contracts that you follow.

    Of one PRODUCT everything; without it, the news of what you follow.

    Registered and changed contracts, and majors of outputs whose end was announced or has come. News are shown once.

    \b
    Example:
      data-platform changes
    """
    with opened() as mesh:
        found = mesh.changes(product, stay_new=keep)
    if as_json:
        print_json(found)
        return
    for change in found:
        _tell(answer(), change)
    if not found:
        notes().line("nothing is new")


def _tell(paper: Paper, change: ContractChange) -> None:
    subject = f"{change.product}.{change.output}" if change.output else change.product
    pieces = [
        Styled(f"{minute(change.at)}  ", "dim"),
        Styled(f"{change.happened:<11}", _STYLES[change.happened]),
        Styled(subject, "bold"),
    ]
    if change.revision is not None:
        pieces.append(Styled(f"  revision {change.revision}, version {change.version}, by {change.by}", "dim"))
    if change.ends_at is not None:
        pieces.append(Styled(f"  ends {minute(change.ends_at)}", "red"))
    paper.line(*pieces)
    for line in change.changes:
        paper.line(line, indent=22)
