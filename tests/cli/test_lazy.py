"""Commands are known by name before they are loaded."""

from __future__ import annotations

import click
import pytest

from data_platform.cli.main import SECTIONS, cli

ENTRIES = {name: entry for entries in SECTIONS.values() for name, entry in entries.items()}
ROOT = click.Context(cli, info_name="data-platform")


@pytest.mark.parametrize("name", ENTRIES)
def test_the_summary_in_the_list_is_the_one_of_the_command(name: str) -> None:
    command = cli.get_command(ROOT, name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").splitlines()[0] == ENTRIES[name].summary


@pytest.mark.parametrize("name", ENTRIES)
def test_every_command_gives_an_example(name: str) -> None:
    command = cli.get_command(ROOT, name)
    assert command is not None
    commands = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    assert [each.name for each in commands if f"data-platform {name}" not in (each.help or "")] == []


def test_an_unknown_command_is_nobody() -> None:
    assert cli.get_command(ROOT, "nosuch") is None
