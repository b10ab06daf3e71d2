"""lineage: where data comes from and where it goes, by product, output and column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from data_platform.cli.console.console import Styled, answer
from data_platform.cli.console.json import dumped, print_json
from data_platform.cli.console.text import amount, words
from data_platform.cli.options import json_option
from data_platform.cli.session import opened
from data_platform.cli.views.lineage_graph import Drawing, columns_drawn, dot, drawn, mermaid
from data_platform.cli.views.lineage_tree import EVERY_ROW, column_tree, how, tree
from data_platform.errors import BadInput
from data_platform.platform import Platform
from data_platform.spec.product.reference import Reference
from data_platform.verbs.lineage.column_results import ColumnReader, Impact, Touched

if TYPE_CHECKING:
    from data_platform.verbs.lineage.lineage import Direction

FORMATS = ["tree", "json", "mermaid", "dot", "openlineage"]
DRAWN: dict[str, Callable[[Drawing], str]] = {"mermaid": mermaid, "dot": dot}


@click.command()
@click.argument("target", metavar="PRODUCT[.OUTPUT[@MAJOR][.COLUMN]]")
@click.option("--upstream", is_flag=True, help="Only where it comes from.")
@click.option("--downstream", is_flag=True, help="Only where it goes.")
@click.option("--depth", type=click.IntRange(1, 50), default=1, show_default=True, help="How many steps each way.")
@click.option("--impact", metavar="COLUMN", help="All that a change of this column touches, however far.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How to write; mermaid goes into a Markdown page, dot to Graphviz; openlineage prints recorded events, one a "
    "line.  [default: tree]",
)
@json_option
def lineage(
    target: str, upstream: bool, downstream: bool, depth: int, impact: str | None, form: str | None, as_json: bool
) -> None:
    """Show where data comes from, and where it goes.

    Of a product, of one output, or of one column: then every column on the way is told, with what is done to it. What
    product.yaml declares is marked [declared] until data has really come that way.

    \b
    Examples:
      data-platform lineage orders-data-product --depth 3
      data-platform lineage orders-data-product.orders_fact.amount --upstream
      data-platform lineage customers-data-product --impact email
    """
    name, column = Reference.with_column(target)
    direction = _direction(upstream, downstream)
    if as_json and form not in (None, "json"):
        raise BadInput(f"--json and --format {form} exclude each other", hint="keep one of them")
    form = "json" if as_json else form or "tree"
    with opened() as mesh:
        if impact is not None:
            _tell_impact(mesh.impact(name, _impacted(column, impact, form)), form)
        elif form == "openlineage":
            _tell_events(mesh, name, depth, direction)
        elif column is not None:
            graph = mesh.column_lineage(name, None, column, depth, direction)
            _tell(graph, lambda: column_tree(graph), lambda: columns_drawn(graph), form)
        else:
            around = mesh.lineage(name, depth, direction=direction)
            _tell(around, lambda: tree(around), lambda: drawn(around), form)


def _direction(upstream: bool, downstream: bool) -> Direction:
    if upstream == downstream:
        return "both"
    return "upstream" if upstream else "downstream"


def _impacted(column: str | None, impact: str, form: str) -> str:
    if column is not None:
        raise click.UsageError("--impact names the column: leave it out of PRODUCT.OUTPUT")
    if form not in ("tree", "json"):
        raise click.UsageError(
            f"--impact is told as tree or json; to draw it: lineage PRODUCT.OUTPUT.{impact} --downstream --depth 50"
        )
    return impact


def _tell(graph: object, lines: Callable[[], Iterator[str]], drawing: Callable[[], Drawing], form: str) -> None:
    if form == "json":
        print_json(graph)
    elif form in DRAWN:
        click.echo(DRAWN[form](drawing()))
    else:
        first, *rest = lines()
        answer().line(Styled(first, "bold"))
        for line in rest:
            answer().line(line)


def _tell_events(mesh: Platform, name: Reference, depth: int, direction: Direction) -> None:
    if name.output_name is not None:
        raise click.UsageError("events are told by product: leave out its output")
    for event in mesh.lineage_events(name.product, depth, direction):
        click.echo(dumped(event))


def _tell_impact(impact: Impact, form: str) -> None:
    if form == "json":
        print_json(impact)
        return
    paper = answer()
    paper.line(Styled(f"{impact.product}.{impact.output}.{impact.column}", "bold"), f"  of {impact.owner}")
    paper.line(f"read in the last 30 days by {_readers(impact.readers)}")
    if not impact.touched:
        paper.line("no output is made from it")
        return
    outputs = [each for each in impact.touched if each.output is not None]
    products = {each.product for each in impact.touched}
    paper.line(f"a change touches {amount(len(outputs), 'output')} of {amount(len(products), 'product')}")
    paper.line()
    header = ("steps", "output", "columns", "owner", "read in the last 30 days by")
    paper.table(header, [_touched(each) for each in impact.touched])


def _touched(each: Touched) -> tuple[int, str, str, str | None, str]:
    place = each.product if each.output is None else f"{each.product}.{each.output}"
    return each.steps, place, _columns(each), each.owner, _readers(each.readers)


def _columns(each: Touched) -> str:
    if each.output is None:
        return "declared as input, nothing published from it"
    told = [
        f"{EVERY_ROW if column.column is None else column.column} ({how(column.transformations)})"
        for column in each.columns
        if column.transformations
    ]
    return (
        ", ".join(told) + ("" if each.certain else "  [perhaps]") if told else "perhaps all: no column lineage is known"
    )


def _readers(readers: tuple[ColumnReader, ...]) -> str:
    return ", ".join(each.principal for each in readers) or words(None)
