"""new: writes the files of a new product."""

from __future__ import annotations

from pathlib import Path

import click

from data_platform.cli.console.console import Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.formats.files import write_new
from data_platform.cli.options import json_option
from data_platform.cli.path_types import OutputFolder
from data_platform.settings import resolve_identity
from data_platform.spec.product.scaffold import make_scaffold


@click.command()
@click.argument("name")
@click.option("--domain", "-d", required=True, help="The domain that is responsible for the product.")
@click.option("--owner", "-o", help="The owner: an e-mail address or a team.  [default: you]")
@click.option("--output", metavar="OUTPUT", help="The name of its output.  [default: derived from NAME]")
@click.option("--into", type=OutputFolder(), help="The folder to create.  [default: NAME]")
@json_option
def new(name: str, domain: str, owner: str | None, output: str | None, into: Path | None, as_json: bool) -> None:
    """Write the files of a new data product.

    The product can be validated and published without changes; comments in its files say what to adapt.

    \b
    Example:
      data-platform new orders --domain commerce --owner orders-team@example.com
    """
    folder = into or Path(name)
    files = make_scaffold(name, domain, owner or resolve_identity().name, output)
    written = write_new(folder, files)
    if as_json:
        print_json({"product": name, "folder": folder.absolute(), "files": written})
        return
    console = stdout_console()
    console.write_line("wrote ", Styled(f"{folder}/", "bold"), ": ", ", ".join(files))
    console.write_heading("Next")
    table = next(Path(file).stem for file in files if file.startswith("data/"))
    for command in (
        f"data-platform validate {folder}",
        f"data-platform publish {folder}/product.yaml {output or table} {folder}/data/{table}.csv",
        f"data-platform show {name}",
    ):
        console.write_line("  ", Styled(command, "cyan"))
