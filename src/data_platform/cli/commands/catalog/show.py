"""show: the description of a product."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Console, Styled, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.stdout import require_stdout
from data_platform.cli.console.text import format_count, format_minute, format_value
from data_platform.cli.options import NAMED_OUTPUT, json_option, reference_argument
from data_platform.cli.session import open_platform
from data_platform.spec.product.reference import Reference
from data_platform.verbs.results import AccessInfo, ColumnInfo, DataProductMetadata, LastGoodVersion, OutputMetadata

_UNDECLARED = AccessInfo("internal", True)


@click.command()
@reference_argument(NAMED_OUTPUT)
@json_option
def show(target: Reference, as_json: bool) -> None:
    """Show a product: outputs, columns, service levels and usage.

    \b
    Example:
      data-platform show orders-data-product
    """
    require_stdout()
    with open_platform() as mesh:
        product = mesh.show(target)
    if as_json:
        print_json(product)
    else:
        _print_product(stdout_console(), product)


def _print_product(console: Console, product: DataProductMetadata) -> None:
    closed = f", archived on {product.archived_at:%Y-%m-%d}" if product.archived_at else ""
    marks = [Styled(closed, "yellow")] if closed else []
    console.write_line(Styled(product.name, "bold"), f"  {product.version}, {product.status}", *marks)
    if product.description:
        console.write_line(product.description)
    console.write_line()
    usage = product.usage_stats
    read = f", last {format_value(usage.last_read)}" if usage.last_read else ""
    seen = f"; {format_count(usage.page_views, 'page view')}" if usage.page_views else ""
    for name, value in (
        ("domain", product.domain),
        ("owner", product.owner),
        *((("on call", product.on_call),) if product.on_call else ()),
        ("tags", format_value(product.tags)),
        ("quality", _describe_score(product)),
        *((("good", _describe_last_good(product.last_good)),) if product.last_good else ()),
        ("read", f"{format_count(usage.views, 'time')} by {format_count(usage.consumers, 'reader')}{read}{seen}"),
        ("made of", format_value(tuple(dict.fromkeys(node.product for node in product.lineage.upstream)))),
        ("used by", format_value(tuple(dict.fromkeys(node.product for node in product.lineage.downstream)))),
    ):
        console.write_line(Styled(f"{name:<8}", "dim"), value)
    for output in product.outputs:
        _print_output(console, output)


def _describe_last_good(good: LastGoodVersion) -> str:
    return f"{good.output}, version {good.version}, {good.published_at:%Y-%m-%d %H:%M} UTC"


def _describe_score(product: DataProductMetadata) -> str:
    if product.quality_score is not None:
        return f"{product.quality_score:g} of 100"
    is_published = any(output.version for output in product.outputs)
    return "no score: no rule was evaluated" if is_published else "no score: nothing was published yet"


def _print_output(console: Console, output: OutputMetadata) -> None:
    console.write_heading(f"{output.name} ({output.type})")
    if output.deprecated_at and output.ends_at:
        console.write_line(Styled(f"deprecated, ends {output.ends_at:%Y-%m-%d}", "yellow"))
    if output.topic:
        console.write_line(f"topic {output.topic}")
    if output.version:
        counts = [] if output.rows is None else [format_count(output.rows, "row")]
        facts = [f"version {output.version}", *counts, f"published {format_value(output.published_at)}"]
        console.write_line(", ".join(facts))
    else:
        console.write_line("no version yet")
    if output.sla:
        console.write_line("promises ", ", ".join(f"{promise} {target}" for promise, target in output.sla.items()))
    if output.access is not None and output.access != _UNDECLARED:
        _print_access(console, output.access)
    if output.rules:
        console.write_line("rules ", ", ".join(output.rules))
    if output.columns:
        console.write_table(
            ("column", "type", "required", "protection", "tags", "description"), map(_format_column, output.columns)
        )
    for column in output.columns:
        for path, reason in column.not_pii.items():
            name = f"{column.name}.{path}" if path else column.name
            console.write_line(Styled(f"{name} is not personal data: {reason}", "dim"))
        if column.term:
            console.write_line(Styled(f"{column.name} is the term {column.term}", "dim"))
        if column.anonymised:
            console.write_line(Styled(f"{column.name} is declared anonymised: {column.anonymised}", "dim"))
    if output.inferred:
        console.write_line(Styled("the schema was inferred at the first publish", "dim"))


def _print_access(console: Console, access: AccessInfo) -> None:
    console.write_line(f"visibility {access.visibility}", "" if access.discoverable else ", not discoverable")
    for name, value in (
        ("readers", "; ".join(access.readers)),
        ("rows", access.rows),
        ("masks", ", ".join(f"{column} {mask}" for column, mask in access.masks.items())),
        ("approvers", ", ".join(access.approvers)),
        ("grants", access.max_duration and f"end after {access.max_duration} at most"),
        ("terms", access.terms),
    ):
        if value:
            console.write_line(f"{name} ", value)


def _format_column(column: ColumnInfo) -> tuple[object, ...]:
    return (
        Styled(column.name, "bold"),
        column.type,
        column.required,
        _describe_protection(column),
        column.tags,
        column.description,
    )


def _describe_protection(column: ColumnInfo) -> object:
    if column.erased_at is not None:
        return Styled(f"erased since {format_minute(column.erased_at)} by {column.erased_by}", "yellow")
    if column.encryption == "none":
        return Styled("not encrypted, by choice", "yellow")
    return column.encryption
