"""lineage: where data comes from and where it is used, by product, output and column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from data_platform.cli.console.console import Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count, format_value
from data_platform.cli.options import json_option
from data_platform.cli.session import open_platform
from data_platform.cli.views.lineage_graph import Drawing, draw_column_graph, draw_graph, render_dot, render_mermaid
from data_platform.cli.views.lineage_tree import (
    EVERY_ROW,
    describe_transformations,
    format_dataset,
    format_report,
    render_column_tree,
    render_tree,
)
from data_platform.errors import BadInput
from data_platform.platform import Platform
from data_platform.spec.product.reference import Reference
from data_platform.spec.text.json_values import dump_json
from data_platform.verbs.lineage.column_results import AffectedOutput, ColumnReader, Impact

if TYPE_CHECKING:
    from data_platform.verbs.lineage.lineage import Direction

FORMATS = ["tree", "json", "mermaid", "dot", "openlineage"]
RENDERERS: dict[str, Callable[[Drawing], str]] = {"mermaid": render_mermaid, "dot": render_dot}


@click.command()
@click.argument("target", metavar="PRODUCT[.OUTPUT[@MAJOR][.COLUMN]]")
@click.option("--upstream", is_flag=True, help="Show only where the data comes from.")
@click.option("--downstream", is_flag=True, help="Show only where the data is used.")
@click.option(
    "--depth", type=click.IntRange(1, 50), default=1, show_default=True, help="The number of steps in each direction."
)
@click.option("--impact", metavar="COLUMN", help="Show everything that a change of this column affects.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="The format: mermaid for Markdown, dot for Graphviz, openlineage for the recorded events, one per line.  "
    "[default: tree]",
)
@json_option
def lineage(
    target: str, upstream: bool, downstream: bool, depth: int, impact: str | None, form: str | None, as_json: bool
) -> None:
    """Show where data comes from, and where it is used.

    For a column, every column on the path is shown with its transformations. An input that product.yaml declares is
    marked [declared] until data was read from it.

    \b
    Examples:
      data-platform lineage orders-data-product --depth 3
      data-platform lineage orders-data-product.orders_fact.amount --upstream
      data-platform lineage customers-data-product --impact email
    """
    name, column = Reference.with_column(target)
    direction = _parse_direction(upstream, downstream)
    if as_json and form not in (None, "json"):
        raise BadInput(f"--json and --format {form} exclude each other", hint="keep one of them")
    form = "json" if as_json else form or "tree"
    with open_platform() as mesh:
        if impact is not None:
            _print_impact(mesh.impact(name, _check_impact(column, impact, form)), form)
        elif form == "openlineage":
            _print_events(mesh, name, depth, direction)
        elif column is not None:
            graph = mesh.column_lineage(name, None, column, depth, direction)
            _print_lineage(graph, lambda: render_column_tree(graph), lambda: draw_column_graph(graph), form)
        else:
            around = mesh.lineage(name, depth, direction=direction)
            _print_lineage(around, lambda: render_tree(around), lambda: draw_graph(around), form)


def _parse_direction(upstream: bool, downstream: bool) -> Direction:
    if upstream == downstream:
        return "both"
    return "upstream" if upstream else "downstream"


def _check_impact(column: str | None, impact: str, form: str) -> str:
    if column is not None:
        raise click.UsageError("--impact already names the column: write PRODUCT.OUTPUT without it")
    if form not in ("tree", "json"):
        raise click.UsageError(
            f"--impact supports only tree and json; to draw it: lineage PRODUCT.OUTPUT.{impact} --downstream --depth 50"
        )
    return impact


def _print_lineage(
    graph: object, lines: Callable[[], Iterator[str]], drawing: Callable[[], Drawing], form: str
) -> None:
    if form == "json":
        print_json(graph)
    elif form in RENDERERS:
        click.echo(RENDERERS[form](drawing()))
    else:
        first, *rest = lines()
        stdout_console().write_line(Styled(first, "bold"))
        for line in rest:
            stdout_console().write_line(line)


def _print_events(mesh: Platform, name: Reference, depth: int, direction: Direction) -> None:
    if name.output_name is not None:
        raise click.UsageError("events are recorded per product: write PRODUCT without an output")
    for event in mesh.lineage_events(name.product, depth, direction):
        click.echo(dump_json(event))


def _print_impact(impact: Impact, form: str) -> None:
    if form == "json":
        print_json(impact)
        return
    console = stdout_console()
    console.write_line(Styled(f"{impact.product}.{impact.output}.{impact.column}", "bold"), f"  of {impact.owner}")
    console.write_line(f"read in the last 30 days by {_format_readers(impact.readers, impact.other_readers)}")
    if not impact.touched:
        console.write_line("no output depends on it")
        return
    inside = [item for item in impact.touched if not item.external]
    outputs = format_count(sum(item.output is not None for item in inside), "output")
    products = format_count(len({item.product for item in inside}), "product")
    outside = len(impact.touched) - len(inside)
    beyond = f" and, as reported, {format_count(outside, 'dataset')} outside the mesh" if outside else ""
    console.write_line(f"a change affects {outputs} of {products}{beyond}")
    console.write_line()
    header = ("steps", "output", "columns", "owner", "read in the last 30 days by")
    console.write_table(header, [_format_touched(item) for item in impact.touched])


def _format_touched(touched: AffectedOutput) -> tuple[int, str, str, str | None, str]:
    place = touched.product if touched.output is None else f"{touched.product}.{touched.output}"
    if touched.external:
        place = format_dataset(touched.product, touched.output or "")
    return (
        touched.steps,
        place,
        _format_columns(touched),
        touched.owner,
        _format_readers(touched.readers, touched.other_readers),
    )


def _format_columns(touched: AffectedOutput) -> str:
    if touched.report is not None:
        return format_report(touched.report)
    if touched.output is None:
        return "declared as input, but nothing is published from it"
    columns = [
        f"{EVERY_ROW if column.column is None else column.column} ({describe_transformations(column.transformations)})"
        for column in touched.columns
        if column.transformations
    ]
    return (
        ", ".join(columns) + ("" if touched.certain else "  [possibly]")
        if columns
        else "possibly all: no column lineage is known"
    )


def _format_readers(readers: tuple[ColumnReader, ...], others: int) -> str:
    names = [reader.principal for reader in readers] + ([f"{others} others"] if others else [])
    return ", ".join(names) or format_value(None)
