"""consume: rows, to look at or to take away."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from data_platform.cli.console.console import is_terminal, notes
from data_platform.cli.formats.delivery import PREVIEW, deliver, form_of, glance
from data_platform.cli.formats.rows import WRITERS
from data_platform.cli.options import Moment, Names, output_argument, reference_argument
from data_platform.cli.session import opened, warn
from data_platform.engine.frame import DataFrame
from data_platform.spec.product.reference import Reference


@click.command()
@reference_argument()
@output_argument
@click.option("--version", type=click.IntRange(min=1), help="This data version.  [default: the newest]")
@click.option("--as-of", type=Moment(), help="The version that stood at a moment (ISO 8601; UTC without a zone).")
@click.option("--columns", type=Names(), help="Only these columns, in this order.")
@click.option("--limit", type=click.IntRange(min=0), help="At most this many rows.")
@click.option("--mask", is_flag=True, help="Show PII as others see it.")
@click.option("--format", "form", type=click.Choice(list(WRITERS)), help="How to write.  [default: as FILE is named]")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write to FILE, replacing it.")
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

    OUTPUT may also be an argument of its own: `consume orders orders_fact --version 3`.

    The read is recorded, with the columns that were really read. On a terminal a table shows the first 20 rows
    and the columns that fit; elsewhere, and in the other formats, everything is written.

    \b
    Examples:
      data-platform consume orders-data-product.orders_fact --limit 5
      data-platform consume orders-data-product.orders_fact#3 --columns order_id,total --out orders.parquet
    """
    form = form_of(form, out, as_json=as_json)
    with opened() as mesh:
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
    glance(rows.slice(0, PREVIEW) if limit is None else rows, "--columns a,b names them")
    if limit is None and rows.num_rows > PREVIEW:
        notes().line(f"the first {PREVIEW} rows; --limit shows more, --out FILE writes all")
