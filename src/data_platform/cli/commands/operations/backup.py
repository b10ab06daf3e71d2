"""backup and restore: a whole copy of the mesh, and a home made of one."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.console import Styled, answer
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import amount, size
from data_platform.cli.options import json_option
from data_platform.cli.session import opened, warn
from data_platform.platform import Platform


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--without-keys", is_flag=True, help="Leave the keys out: the copy then holds no readable personal data.")
@json_option
def backup(folder: Path, without_keys: bool, as_json: bool) -> None:
    """Copy the whole mesh, while others read and publish.

    The copy is the mesh at one moment: the record, the files of its versions, keys and settings. Each file is read
    again and compared before FOLDER appears; a backup that is interrupted leaves no FOLDER.

    \b
    Example:
      data-platform backup /mnt/backups/mesh-2026-11-28
    """
    with opened() as mesh:
        done = mesh.backup(folder, keys=not without_keys)
    for missing in done.missing:
        warn(f"missing from the home, and so from the backup: {missing}")
    if as_json:
        print_json(done)
        return
    said = f"{amount(done.versions, 'version')}, {amount(done.files, 'file')}, {size(done.bytes)}"
    answer().line("backed up to ", Styled(done.folder, "bold"), f": {said}{'' if done.keys else ', without keys'}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
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
    answer().line("restored ", Styled(done.home, "bold"), f": {amount(done.files, 'file')}, {size(done.bytes)}")
