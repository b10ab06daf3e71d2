"""backup, restore: copies of the whole mesh."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.console import Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count, format_size
from data_platform.cli.options import json_option
from data_platform.cli.path_types import InputPath, OutputFolder
from data_platform.cli.session import open_platform, warn
from data_platform.platform import Platform


@click.command()
@click.argument("folder", type=OutputFolder())
@click.option(
    "--without-keys", is_flag=True, help="Exclude the keys, so that the backup contains no readable personal data."
)
@json_option
def backup(folder: Path, without_keys: bool, as_json: bool) -> None:
    """Back up the whole mesh while it is in use.

    A backup is a consistent copy of the record, the files of all versions, keys and settings. Each file is read again
    and compared before FOLDER is created; an interrupted backup leaves no FOLDER.

    \b
    Example:
      data-platform backup /mnt/backups/mesh-2026-11-28
    """
    with open_platform() as mesh:
        done = mesh.backup(folder, keys=not without_keys)
    for missing in done.missing:
        warn(f"missing in the home, and therefore in the backup: {missing}")
    if as_json:
        print_json(done)
        return
    said = f"{format_count(done.versions, 'version')}, {format_count(done.files, 'file')}, {format_size(done.bytes)}"
    stdout_console().write_line(
        "backed up to ", Styled(done.folder, "bold"), f": {said}{'' if done.keys else ', without keys'}"
    )


@click.command()
@click.argument("folder", type=InputPath())
@json_option
def restore(folder: Path, as_json: bool) -> None:
    """Restore a home from a backup.

    The home is DATA_PLATFORM_HOME, else `.data-platform/` in the working directory. An existing home is not
    overwritten. Every file is compared with the digest in the backup.

    \b
    Example:
      data-platform restore /mnt/backups/mesh-2026-11-28
    """
    done = Platform.restore(folder)
    if as_json:
        print_json(done)
        return
    if not done.keys:
        keys = f"{done.home}/keys"
        warn(f"the backup has no keys: encrypted columns cannot be read until keys/*.key of its home are in {keys}")
    stdout_console().write_line(
        "restored ", Styled(done.home, "bold"), f": {format_count(done.files, 'file')}, {format_size(done.bytes)}"
    )
