"""docs/reference/cli.md, from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from data_platform.cli.main import SECTIONS, cli

INTRODUCTION = """\
# Command line

<!-- Written by `make docs` from src/data_platform/cli/. -->

| Exit code | Meaning |
|---|---|
| 0 | Done. |
| 1 | Refused by a contract, a rule or a policy; the last good version still stands. |
| 2 | Bad input, or something is unavailable: disk, database, source. |
| 130, 141 | Interrupted; stdout has no reader any more. |

The answer goes to stdout; warnings, progress and errors go to stderr. Off a terminal nothing is coloured, wrapped or
cut, and `NO_COLOR` is honoured on one. `--json` prints an array of objects (one object for `show`, `quality`,
`lineage` and the other commands that answer with one thing): the fields of the results in Python, times in ISO 8601
and UTC, decimals as text. An error is then `{"error": {"kind", "exit_code", "message", "hint", …}}` on stdout too, with
`failures`, `problems`, `mismatches` or `breaks` where there are any.
"""


def cli_page() -> str:
    """docs/reference/cli.md."""
    return "\n".join([INTRODUCTION, *_sections()])


def _sections() -> Iterator[str]:
    root = click.Context(cli, info_name="data-platform")
    for title, entries in SECTIONS.items():
        yield f"## {title}\n"
        for name in entries:
            yield from _command(_found(cli, name, root), name, root)


def _command(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    ctx = click.Context(command, info_name=name, parent=parent)
    if isinstance(command, click.Group):
        for inner in command.list_commands(ctx):
            yield from _command(_found(command, inner, ctx), inner, ctx)
        return
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    about, _, example = inspect.cleandoc(command.help or "").partition("\b\n")
    yield f"### `{ctx.command_path.removeprefix('data-platform ')}`\n"
    yield f"    {usage}\n"
    yield f"{about.strip()}\n"
    yield from _options(command, ctx)
    yield _example(example)


def _found(group: click.Group, name: str, ctx: click.Context) -> click.Command:
    command = group.get_command(ctx, name)
    if command is None:
        raise LookupError(f"{group.name} has no command {name}")
    return command


def _options(command: click.Command, ctx: click.Context) -> Iterator[str]:
    options = [each for each in command.params if isinstance(each, click.Option)]
    records = [record for option in options if (record := option.get_help_record(ctx))]
    if records:
        yield "| Option | Meaning |\n|---|---|"
        yield "\n".join(f"| `{_cell(name)}` | {_cell(help)} |" for name, help in records)
        yield ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _example(text: str) -> str:
    """The lines below `Example:`, as a block of code."""
    _, *lines = inspect.cleandoc(text).splitlines()
    return "\n".join(f"    {line.strip()}" for line in lines) + "\n"
