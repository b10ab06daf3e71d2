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
from data_platform.errors import BadInput
from data_platform.platform import Platform


@click.command()
@click.argument("folder", type=OutputFolder())
@click.option("--with-keys", is_flag=True, help="Include the keys: the backup then contains readable personal data.")
@click.option("--without-keys", is_flag=True, hidden=True)
@json_option
def backup(folder: Path, with_keys: bool, without_keys: bool, as_json: bool) -> None:
    """Back up the whole mesh while it is in use.

    A backup is a consistent copy of the record, the files of all versions and settings. Each file is read again and
    compared before FOLDER is created; an interrupted backup leaves no FOLDER.

    The keys are not in it: encrypted columns can be read only with the files keys/*.key of this home, which belong in a
    safe place of their own. With --with-keys, whoever has FOLDER reads all personal data, also what is erased later.

    \b
    Example:
      data-platform backup /mnt/backups/mesh-2026-11-28
    """
    if with_keys and without_keys:
        raise BadInput("--with-keys and --without-keys exclude each other")
    if without_keys:
        warn("--without-keys is the default since 0.2")
    with open_platform() as mesh:
        done = mesh.backup(folder, keys=with_keys)
    if done.keys:
        warn(f"{done.folder} HOLDS THE KEYS: whoever has it reads all personal data, also what is erased later")
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
@click.option(
    "--erasures",
    type=InputPath(),
    multiple=True,
    metavar="PLACE",
    help="A home or backup of the same mesh whose erasures are applied too.",
)
@json_option
def restore(folder: Path, erasures: tuple[Path, ...], as_json: bool) -> None:
    """Restore a home from a backup.

    The home is DATA_PLATFORM_HOME, else `.data-platform/` in the working directory. An existing home is not
    overwritten. Every file is compared with the digest in the backup.

    What was erased after the backup is erased again, as far as that is known: the lists of erased keys are read of
    other homes and backups of the same mesh beside FOLDER and beside the home, and of each --erasures PLACE.

    \b
    Example:
      data-platform restore /mnt/backups/mesh-2026-11-28
    """
    done = Platform.restore(folder, erasures=erasures)
    if as_json:
        print_json(done)
        return
    if not done.keys:
        keys = f"{done.home}/keys"
        warn(f"the backup has no keys: encrypted columns cannot be read until keys/*.key of its home are in {keys}")
    if done.erased:
        warn(f"{format_count(done.erased, 'key')} that were erased after the backup are erased here too")
    if not done.erasure_lists:
        warn(
            "no other home or backup of this mesh was found: keys that were erased after the backup are not erased "
            "here; restore with --erasures PLACE to apply its list"
        )
    stdout_console().write_line(
        "restored ", Styled(done.home, "bold"), f": {format_count(done.files, 'file')}, {format_size(done.bytes)}"
    )
