"""gc: room is made."""

from __future__ import annotations

import click

from data_platform.cli.console.console import answer
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import amount, size
from data_platform.cli.options import json_option
from data_platform.cli.session import opened, warn


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@json_option
def gc(dry_run: bool, as_json: bool) -> None:
    """Remove files that no version names.

    A crashed publish leaves such files. Files of a publish that still runs are kept. Nothing is removed if the tables
    have outputs or versions that the record does not know. Symlinks are not followed.

    \b
    Example:
      data-platform gc --dry-run
    """
    with opened() as mesh:
        done = mesh.collect(dry_run=dry_run)
    if as_json:
        print_json(done)
    else:
        verb = "would remove" if done.dry_run else "removed"
        for link in done.skipped:
            warn(f"{link} is a symlink: nothing behind it was looked at")
        answer().line(f"{verb} {amount(done.files, 'file')}, {size(done.bytes)}")
