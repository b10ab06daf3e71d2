"""completion: the script for shell completion of commands, options and names."""

from __future__ import annotations

from typing import cast

import click
from click.shell_completion import ShellComplete, get_completion_class

from data_platform.cli.root import COMPLETE

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script for bash, zsh or fish.

    It completes commands, options and the names of products and outputs. The names come from an embedded record;
    without one, no names are offered.

    \b
    Examples:
      eval "$(data-platform completion bash)"     # in ~/.bashrc
      eval "$(data-platform completion zsh)"      # in ~/.zshrc
      data-platform completion fish > ~/.config/fish/completions/data-platform.fish
    """
    kind = cast("type[ShellComplete]", get_completion_class(shell))
    root = ctx.find_root()
    click.echo(kind(root.command, {}, root.info_name or "data-platform", COMPLETE).source())
