"""outbox: what waits to leave the house."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Paper, Styled, answer, notes
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import amount, minute, second
from data_platform.cli.options import ListingGroup, json_option
from data_platform.cli.session import opened, warn
from data_platform.cli.views.outbox import draw_delivered
from data_platform.integrations.senders import senders
from data_platform.verbs.results import Delivered, OutboxInfo


@click.group(cls=ListingGroup)
def outbox() -> None:
    """Show what waits to leave the house, and send it.

    `list` may be left out: `outbox --json`.
    """


@outbox.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List what each receiver has not taken yet, since when, and why.

    \b
    Example:
      data-platform outbox
    """
    with opened() as mesh:
        found = mesh.outbox()
        off = mesh.settings.openlineage is None
    if as_json:
        print_json(found)
    elif found:
        draw_outbox(answer(), found)
        if off:
            warn("settings.toml names no receiver any more: no [openlineage] url")
    else:
        notes().line("nothing waits" + (": settings.toml names no receiver ([openlineage] url)" if off else ""))


@outbox.command()
@json_option
def send(as_json: bool) -> None:
    """Send what is due now, as tick does.

    What a receiver cannot take is sent again later, ever less often. Exit code 2 when something could not be sent, or
    waits for its next try.

    \b
    Example:
      data-platform outbox send
    """
    done = _send()
    if as_json:
        print_json(done)
    else:
        draw_delivered(answer(), done)
    _end(done)


@outbox.command()
@json_option
def retry(as_json: bool) -> None:
    """Send everything now: what waits for its next try, and what the receiver had refused.

    \b
    Example:
      data-platform outbox retry
    """
    with opened() as mesh:
        mesh.try_again()
    done = _send()
    if as_json:
        print_json(done)
    else:
        draw_delivered(answer(), done)
    _end(done)


def _send() -> Delivered:
    with opened() as mesh:
        return mesh.deliver(senders(mesh.settings))


def _end(done: Delivered) -> None:
    if done.failed or done.refused or done.next_try:
        click.get_current_context().exit(2)


def draw_outbox(paper: Paper, found: list[OutboxInfo]) -> None:
    """One line a receiver, and below it what its last failed try said, and why it refused what."""
    for each in found:
        waits = f"{amount(each.waiting, 'message')} waiting" if each.waiting else "nothing waiting"
        since = f" since {minute(each.oldest)}" if each.oldest else ""
        kept = f", {each.refused:,} refused and kept" if each.refused else ""
        due = f", next try {second(each.next_try)}" if each.next_try and each.error else ""
        paper.line(Styled(each.destination, "bold"), f"  {waits}{since}{kept}{due}")
        if each.error:
            paper.line("  ", Styled(each.error, "red"))
        for reason, messages in list(each.refusals.items())[:_REASONS]:
            paper.line(f"  {messages:,} refused  ", Styled(reason, "red"))
        if len(each.refusals) > _REASONS:
            paper.line(f"  and {amount(len(each.refusals) - _REASONS, 'more reason')}: --json has them all")
        if each.refused:
            paper.line("  ", Styled("→ data-platform outbox retry sends what was refused again", "cyan"))


_REASONS = 5
