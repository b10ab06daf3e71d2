"""sql: a query over the whole mesh."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from data_platform.cli.console.console import is_terminal, notes
from data_platform.cli.formats.delivery import PREVIEW, deliver, form_of, glance
from data_platform.cli.formats.rows import WRITERS
from data_platform.cli.queries import QueryCommand, query_of
from data_platform.cli.session import opened, warn


@click.command(cls=QueryCommand)
@click.argument("query", required=False)
@click.option("--file", metavar="FILE", type=click.Path(path_type=Path), help="Take the query from FILE; - is stdin.")
@click.option("--limit", type=click.IntRange(min=0), help="Stop after this many rows.")
@click.option("--mask", is_flag=True, help="Show PII as others see it, wherever the query uses it.")
@click.option("--format", "form", type=click.Choice(list(WRITERS)), help="How to write.  [default: as FILE is named]")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write to FILE, replacing it.")
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
    """Ask the mesh in SQL, over every output you may read.

    QUERY is one SELECT in DuckDB's SQL; `-` reads it from standard input. A table is "product".output, or output alone
    where one product only has it. "output@2" is its major 2, "output#3" its data version 3, "output@2026-01-31" the
    version of that moment. The query runs in a process that can read those versions and nothing else, within the limits
    of settings.toml; what it reads is recorded. On a terminal a table shows the first 20 rows and the columns that fit;
    elsewhere, and in the other formats, everything is written.

    \b
    Examples:
      data-platform sql 'SELECT count(*) FROM "orders-data-product".orders_fact'
      data-platform sql --file totals.sql --out totals.parquet
    """
    form = form_of(form, out, as_json=as_json)
    text = query_of(query, file)
    seen = form == "table" and out is None and is_terminal(sys.stdout)
    with opened() as mesh:
        most = PREVIEW if seen and limit is None else limit
        with mesh.sql(text, most, mask) as rows:
            for warning in rows.warnings:
                warn(warning)
            if seen:
                glance(rows.to_arrow(), "select those to see")
            else:
                deliver(rows, form, out)
            if rows.more:
                notes().line(f"the first {most:,} rows; {_mend(glance=limit is None)}")


def _mend(*, glance: bool) -> str:
    return "--limit shows more, --out FILE writes all" if glance else "there are more"
