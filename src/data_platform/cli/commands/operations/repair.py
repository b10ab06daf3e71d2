"""repair: rewrites damaged metadata."""

from __future__ import annotations

import click

from data_platform.cli.console.console import stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count
from data_platform.cli.options import json_option
from data_platform.cli.session import open_platform, warn
from data_platform.errors import Unavailable


@click.command()
@click.argument("place", metavar="[PRODUCT[.OUTPUT]]", required=False)
@json_option
def repair(place: str | None, as_json: bool) -> int:
    """Rewrite damaged metadata of versions.

    Examines every version. Metadata that is missing, truncated or changed is rewritten from the record and the data
    files, under the same names. Every data file is read and compared with its digest; no data file is changed. The exit
    code is 2 if a data file is missing or damaged: restore it from a backup. Publishing is still possible.

    \b
    Example:
      data-platform repair orders.orders_fact
    """
    product, _, output = (place or "").partition(".")
    with open_platform() as mesh:
        done = mesh.repair(product or None, output or None)
    if as_json:
        print_json(done)
    else:
        for file in done.repaired:
            stdout_console().write_line(f"rewritten for {file.place}: {file.path}")
        for file in done.lost:
            remedy = f": {file.remedy}" if file.is_data else ""
            warn(f"{file.place}: {file.path} {file.why}{remedy}")
        said = f"{format_count(len(done.repaired), 'damaged file')} rewritten, {len(done.lost):,} beyond repair"
        read = f" and {format_count(done.data_files, 'data file')}" if done.data_files else ""
        stdout_console().write_line(f"examined {format_count(done.versions, 'version')}{read}: {said}")
    return Unavailable.exit_code if done.lost else 0
