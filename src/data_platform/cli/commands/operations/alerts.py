"""alerts: the channels that hear of incidents."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Console, Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_minute, format_value
from data_platform.cli.options import ListingGroup, json_option
from data_platform.cli.session import open_platform
from data_platform.integrations.senders import build_channel_senders
from data_platform.verbs.results import ChannelInfo


@click.group(cls=ListingGroup)
def alerts() -> None:
    """List and test the channels that hear of incidents.

    `list` is the default command: `alerts --json`.
    """


@alerts.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the channels, the products that name them in `alerts:`, and their last delivered tests.

    \b
    Example:
      data-platform alerts
    """
    with open_platform() as mesh:
        channels = mesh.channels()
    if as_json:
        print_json(channels)
    elif channels:
        for channel in channels:
            _draw_channel(stdout_console(), channel)
    else:
        stderr_console().write_line('no channels: write [channels.NAME] url = "…" to settings.toml')


@alerts.command()
@click.argument("channel")
@json_option
def test(channel: str, as_json: bool) -> None:
    """Send a test message to CHANNEL, and record that it was delivered.

    For admins, and for those who respond to incidents of a product that names the channel.

    \b
    Example:
      data-platform alerts test sales-slack
    """
    with open_platform() as mesh:
        senders = build_channel_senders(mesh.settings) if mesh.url is None else {}
        tested = mesh.send_test_alert(channel, senders)
    if as_json:
        print_json(tested)
    else:
        stdout_console().write_line("delivered a test message to ", Styled(tested.name, "bold"))


def _draw_channel(console: Console, channel: ChannelInfo) -> None:
    tested = f"tested {format_minute(channel.tested_at)} by {channel.tested_by}" if channel.tested_at else "not tested"
    undeclared = [] if channel.is_set_up else [Styled("  not in settings.toml", "yellow")]
    console.write_line(Styled(channel.name, "bold"), f"  {format_value(channel.products)}, {tested}", *undeclared)
