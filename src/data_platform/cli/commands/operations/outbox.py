"""outbox: events that wait for delivery."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Console, Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count, format_minute, format_second
from data_platform.cli.options import ListingGroup, json_option
from data_platform.cli.session import open_platform, warn
from data_platform.cli.views.outbox import draw_delivered
from data_platform.integrations.senders import build_senders
from data_platform.verbs.events.destinations import OPENLINEAGE
from data_platform.verbs.results import Delivered, OutboxInfo


@click.group(cls=ListingGroup)
def outbox() -> None:
    """List and send events that wait for delivery.

    `list` is the default command: `outbox --json`.
    """


@outbox.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the undelivered messages of each receiver, with errors.

    \b
    Example:
      data-platform outbox
    """
    with open_platform() as mesh:
        receivers = mesh.outbox()
        off = mesh.url is None and mesh.settings.openlineage is None
        deaf = off and not mesh.settings.channels
    if as_json:
        print_json(receivers)
    elif receivers:
        draw_outbox(stdout_console(), receivers)
        if off and any(receiver.destination == OPENLINEAGE for receiver in receivers):
            warn("settings.toml no longer names a receiver: [openlineage] url is not set")
    else:
        reason = ": settings.toml names no receiver ([openlineage] url, [channels])" if deaf else ""
        stderr_console().write_line(f"no messages waiting{reason}")


@outbox.command()
@json_option
def send(as_json: bool) -> None:
    """Send all messages that are due, as tick does.

    Failed messages are retried later, with increasing delays. The exit code is 2 if a message could not be sent, or
    waits for a retry.

    \b
    Example:
      data-platform outbox send
    """
    done = _send()
    if as_json:
        print_json(done)
    else:
        draw_delivered(stdout_console(), done)
    _end(done)


@outbox.command()
@json_option
def retry(as_json: bool) -> None:
    """Send all messages now.

    This includes messages that wait for a retry or were refused.

    \b
    Example:
      data-platform outbox retry
    """
    with open_platform() as mesh:
        mesh.try_again()
    done = _send()
    if as_json:
        print_json(done)
    else:
        draw_delivered(stdout_console(), done)
    _end(done)


def _send() -> Delivered:
    with open_platform() as mesh:
        return mesh.deliver(build_senders(mesh.settings))


def _end(done: Delivered) -> None:
    if done.failed or done.refused or done.next_try:
        click.get_current_context().exit(2)


def draw_outbox(console: Console, receivers: list[OutboxInfo]) -> None:
    """Writes one line per receiver, and below it the last error and the reasons of refusals."""
    for receiver in receivers:
        waits = f"{format_count(receiver.waiting, 'message')} waiting" if receiver.waiting else "nothing waiting"
        since = f" since {format_minute(receiver.oldest)}" if receiver.oldest else ""
        kept = f", {receiver.refused:,} refused and kept" if receiver.refused else ""
        due = f", next try {format_second(receiver.next_try)}" if receiver.next_try and receiver.error else ""
        console.write_line(Styled(receiver.destination, "bold"), f"  {waits}{since}{kept}{due}")
        if receiver.error:
            console.write_line("  ", Styled(receiver.error, "red"))
        for reason, messages in list(receiver.refusals.items())[:_REASONS]:
            console.write_line(f"  {messages:,} refused  ", Styled(reason, "red"))
        if len(receiver.refusals) > _REASONS:
            console.write_line(
                f"  and {format_count(len(receiver.refusals) - _REASONS, 'more reason')}: --json lists all"
            )
        if receiver.refused:
            console.write_line("  ", Styled("→ data-platform outbox retry sends refused messages again", "cyan"))


_REASONS = 5
