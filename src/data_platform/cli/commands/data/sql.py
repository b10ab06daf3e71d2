"""sql: runs a query over the outputs of the mesh."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from data_platform.cli.console.console import is_terminal, stderr_console
from data_platform.cli.formats.delivery import PREVIEW, deliver, pick_format, show_preview
from data_platform.cli.formats.rows import WRITERS
from data_platform.cli.path_types import InputPath, OutputFile
from data_platform.cli.queries import QueryCommand, read_query
from data_platform.cli.session import open_platform, warn


@click.command(cls=QueryCommand)
@click.argument("query", required=False)
@click.option("--file", metavar="FILE", type=InputPath(dash=True), help="Read the query from FILE; - is stdin.")
@click.option("--limit", type=click.IntRange(min=0), help="The maximum number of rows.")
@click.option("--mask", is_flag=True, help="Mask personal data, wherever the query uses it.")
@click.option(
    "--format", "form", type=click.Choice(list(WRITERS)), help="The format.  [default: from the name of FILE]"
)
@click.option("--out", metavar="FILE", type=OutputFile(), help="Write to FILE, replacing it.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def sql(
    query: str | None,
    file: Path | None,
    limit: int | None,
    mask: bool,
    form: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Query the outputs of the mesh in SQL.

    QUERY is one SELECT in the SQL of DuckDB; `-` reads it from standard input. A table is "product".output, or only
    output if its name is unique. "output@2" is major 2, "output#3" is data version 3, and "output@2026-01-31" is the
    version of that date. The query runs in a process that can read only those versions, within the limits of
    settings.toml; its reads are recorded. A terminal shows a table of the first 20 rows and the columns that fit; in
    pipes, files and other formats all rows are written.

    \b
    Examples:
      data-platform sql 'SELECT count(*) FROM "orders-data-product".orders_fact'
      data-platform sql --file totals.sql --out totals.parquet
    """
    form = pick_format(form, out, as_json=as_json)
    text = read_query(query, file)
    seen = form == "table" and out is None and is_terminal(sys.stdout)
    with open_platform() as mesh:
        most = PREVIEW if seen and limit is None else limit
        with mesh.sql(text, most, mask) as rows:
            for warning in rows.warnings:
                warn(warning)
            if seen:
                show_preview(rows.to_arrow(), "select fewer columns")
            else:
                deliver(rows, form, out)
            if rows.more:
                stderr_console().write_line(f"the first {most:,} rows; {_describe_limit(glance=limit is None)}")


def _describe_limit(*, glance: bool) -> str:
    return "--limit shows more, --out FILE writes all" if glance else "there are more"
