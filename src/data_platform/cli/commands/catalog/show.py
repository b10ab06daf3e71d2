"""show: looking at one product."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Paper, Styled, answer
from data_platform.cli.console.json import print_json
from data_platform.cli.console.stdout import require_stdout
from data_platform.cli.console.text import amount, words
from data_platform.cli.options import NAMED_OUTPUT, json_option, reference_argument
from data_platform.cli.session import opened
from data_platform.spec.product.reference import Reference
from data_platform.verbs.results import ColumnInfo, DataProductMetadata, OutputMetadata


@click.command()
@reference_argument(NAMED_OUTPUT)
@json_option
def show(target: Reference, as_json: bool) -> None:
    """Show one product: its outputs, columns, promises and use.

    \b
    Example:
      data-platform show orders-data-product
    """
    require_stdout()
    with opened() as mesh:
        found = mesh.show(target)
    if as_json:
        print_json(found)
    else:
        _product(answer(), found)


def _product(paper: Paper, product: DataProductMetadata) -> None:
    closed = f", archived on {product.archived_at:%Y-%m-%d}" if product.archived_at else ""
    told = [Styled(closed, "yellow")] if closed else []
    paper.line(Styled(product.name, "bold"), f"  {product.version}, {product.status}", *told)
    if product.description:
        paper.line(product.description)
    paper.line()
    usage = product.usage_stats
    read = f", last {words(usage.last_read)}" if usage.last_read else ""
    score = (
        "no score: nothing that a rule judged" if product.quality_score is None else f"{product.quality_score:g} of 100"
    )
    for name, value in (
        ("domain", product.domain),
        ("owner", product.owner),
        ("tags", words(product.tags)),
        ("quality", score),
        ("read", f"{amount(usage.views, 'time')} by {amount(usage.consumers, 'reader')}{read}"),
        ("made of", words(tuple(dict.fromkeys(node.product for node in product.lineage.upstream)))),
        ("used by", words(tuple(dict.fromkeys(node.product for node in product.lineage.downstream)))),
    ):
        paper.line(Styled(f"{name:<8}", "dim"), value)
    for output in product.outputs:
        _output(paper, output)


def _output(paper: Paper, output: OutputMetadata) -> None:
    paper.heading(f"{output.name} ({output.type})")
    if output.deprecated_at and output.ends_at:
        paper.line(Styled(f"deprecated, ends {output.ends_at:%Y-%m-%d}", "yellow"))
    if output.topic:
        paper.line(f"topic {output.topic}")
    if output.version:
        count = amount(output.rows or 0, "row")
        paper.line(f"version {output.version}, {count}, published {words(output.published_at)}")
    else:
        paper.line("no version yet")
    if output.sla:
        paper.line("promises ", ", ".join(f"{promise} {target}" for promise, target in output.sla.items()))
    if output.rules:
        paper.line("rules ", ", ".join(output.rules))
    if output.columns:
        paper.table(("column", "type", "required", "protection", "tags", "description"), map(_column, output.columns))
    if output.inferred:
        paper.line(Styled("the schema was inferred at the first publish", "dim"))


def _column(column: ColumnInfo) -> tuple[object, ...]:
    return (
        Styled(column.name, "bold"),
        column.type,
        column.required,
        _protection(column),
        column.tags,
        column.description,
    )


def _protection(column: ColumnInfo) -> object:
    if column.encryption == "none":
        return Styled("not encrypted, by choice", "yellow")
    return column.encryption
