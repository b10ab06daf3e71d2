"""consume: reads the rows of an output."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from data_platform.cli.console.console import is_terminal, stderr_console
from data_platform.cli.formats.delivery import PREVIEW, SUFFIXES, deliver, pick_format, show_preview
from data_platform.cli.formats.rows import WRITERS
from data_platform.cli.options import MomentType, NamesType, output_argument, reference_argument
from data_platform.cli.path_types import OutputFile
from data_platform.cli.session import open_platform, warn
from data_platform.engine.frame import DataFrame
from data_platform.errors import BadInput
from data_platform.spec.product.reference import Reference


@click.command()
@reference_argument()
@output_argument
@click.option("--version", type=click.IntRange(min=1), help="The data version.  [default: the newest]")
@click.option(
    "--as-of", type=MomentType(), help="The version that was current at this time (ISO 8601; UTC without a zone)."
)
@click.option("--columns", type=NamesType(), help="Read only these columns, in this order.")
@click.option("--limit", type=click.IntRange(min=0), help="The maximum number of rows.")
@click.option("--mask", is_flag=True, help="Mask personal data.")
@click.option(
    "--format", "form", type=click.Choice(list(WRITERS)), help="The format.  [default: from the name of FILE]"
)
@click.option("--out", metavar="FILE", type=OutputFile(), help="Write to FILE, replacing it.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def consume(
    target: Reference,
    output: str | None,
    version: int | None,
    as_of: datetime | None,
    columns: tuple[str, ...] | None,
    limit: int | None,
    mask: bool,
    form: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Read an output, or write it to a file.

    OUTPUT may also be a separate argument: `consume orders orders_fact --version 3`.

    The read and its columns are recorded. A terminal shows a table of the first 20 rows and the columns that fit; in
    pipes, files and other formats all rows are written.

    \b
    Examples:
      data-platform consume orders-data-product.orders_fact --limit 5
      data-platform consume orders-data-product.orders_fact#3 --columns order_id,total --out orders.parquet
    """
    if output is not None and output.lower().endswith(tuple(SUFFIXES)):
        raise BadInput(f"{output} is no output", hint=f"to write to it: --out {output}")
    form = pick_format(form, out, as_json=as_json)
    with open_platform() as mesh:
        frame = mesh.consume(target, output, version, as_of, columns, mask)
        for warning in frame.warnings:
            warn(warning)
        frame = frame if limit is None else frame.limit(limit)
        if form == "table" and out is None and is_terminal(sys.stdout):
            _show(frame, limit)
        else:
            deliver(frame, form, out)


def _show(frame: DataFrame, limit: int | None) -> None:
    rows = (frame.limit(PREVIEW + 1) if limit is None else frame).to_arrow()
    show_preview(rows.slice(0, PREVIEW) if limit is None else rows, "--columns a,b selects columns")
    if limit is None and rows.num_rows > PREVIEW:
        stderr_console().write_line(f"the first {PREVIEW} rows; --limit shows more, --out FILE writes all")
