"""gc: removes unreferenced files."""

from __future__ import annotations

import click

from data_platform.cli.console.console import stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count, format_size
from data_platform.cli.options import json_option
from data_platform.cli.session import open_platform, warn


@click.command()
@click.option("--dry-run", is_flag=True, help="Only report what would be removed.")
@json_option
def gc(dry_run: bool, as_json: bool) -> None:
    """Remove files that no version references.

    Such files remain after a crashed publish. Files of a running publish are kept. Nothing is removed if the tables
    contain outputs or versions that are not in the record. Files that `doctor --rebuild` could not assign to a version
    are kept. Symlinks are not followed.

    \b
    Example:
      data-platform gc --dry-run
    """
    with open_platform() as mesh:
        done = mesh.collect(dry_run=dry_run)
    if as_json:
        print_json(done)
    else:
        verb = "would remove" if done.dry_run else "removed"
        for link in done.skipped:
            warn(f"{link} is a symlink and was not followed")
        if done.kept:
            warn(
                f"kept {format_count(done.kept, 'file')} that the rebuilt record does not explain; they may belong to "
                "versions that were not restored. Move them out of the home if nobody needs them"
            )
        stdout_console().write_line(f"{verb} {format_count(done.files, 'file')}, {format_size(done.bytes)}")
