"""repair: damaged metadata is made anew."""

from __future__ import annotations

import click

from data_platform.cli.console.console import answer
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import amount
from data_platform.cli.options import json_option
from data_platform.cli.session import opened, warn
from data_platform.errors import Unavailable


@click.command()
@click.argument("place", metavar="[PRODUCT[.OUTPUT]]", required=False)
@json_option
def repair(place: str | None, as_json: bool) -> int:
    """Rewrite damaged metadata of versions.

    Every version is examined. Metadata that is missing, cut or changed is written again from the record and the data
    files, under the same names. Every data file is read and compared with its digest; none is changed. Exit code 2
    when a data file is missing or damaged: restore it from a backup. You can still publish.

    \b
    Example:
      data-platform repair orders.orders_fact
    """
    product, _, output = (place or "").partition(".")
    with opened() as mesh:
        done = mesh.repair(product or None, output or None)
    if as_json:
        print_json(done)
    else:
        for file in done.repaired:
            answer().line(f"rewritten for {file.place}: {file.path}")
        for file in done.lost:
            remedy = f": {file.remedy}" if file.is_data else ""
            warn(f"{file.place}: {file.path} {file.why}{remedy}")
        said = f"{amount(len(done.repaired), 'damaged file')} rewritten, {len(done.lost):,} beyond repair"
        read = f" and {amount(done.data_files, 'data file')}" if done.data_files else ""
        answer().line(f"examined {amount(done.versions, 'version')}{read}: {said}")
    return Unavailable.exit_code if done.lost else 0
