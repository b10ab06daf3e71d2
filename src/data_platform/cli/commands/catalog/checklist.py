"""checklist: the production readiness of a product, or of the mesh by domain."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Console, Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option, product_argument
from data_platform.cli.session import open_platform
from data_platform.governance.readiness import Point, PointVerdict
from data_platform.platform import Platform
from data_platform.verbs.results import DomainReadiness, Readiness

MARKS = {
    PointVerdict.MET: Styled("✓", "green"),
    PointVerdict.MISSED: Styled("✗", "red"),
    PointVerdict.UNKNOWN: Styled("?", "yellow"),
}


@click.command()
@product_argument(required=False)
@click.option("--mesh", "whole", is_flag=True, help="Show the score of every domain of the mesh.")
@click.option("--strict", is_flag=True, help="Exit with 1 unless all points are met.")
@json_option
def checklist(product: str | None, whole: bool, strict: bool, as_json: bool) -> None:
    """Measure production readiness, and list what is missing.

    The marks are ✓ met, ✗ not met, and ? not known yet, which counts as not met.

    \b
    Example:
      data-platform checklist orders-data-product
      data-platform checklist --mesh
    """
    if (product is None) is not whole:
        raise click.UsageError("name a PRODUCT, or give --mesh: one of the two")
    with open_platform() as mesh:
        ready = _show_mesh(mesh, as_json) if product is None else _show_product(mesh, product, as_json)
    if strict and not ready:
        click.get_current_context().exit(1)


def _show_product(mesh: Platform, product: str, as_json: bool) -> bool:
    readiness = mesh.checklist(product)
    if as_json:
        print_json(readiness)
    else:
        draw_readiness(stdout_console(), readiness)
    return readiness.ready


def _show_mesh(mesh: Platform, as_json: bool) -> bool:
    domains = mesh.readiness()
    if as_json:
        print_json(domains)
    elif domains:
        draw_domains(stdout_console(), domains)
    else:
        stderr_console().write_line("no product is in use")
    return all(domain.ready == domain.products for domain in domains)


def draw_readiness(console: Console, readiness: Readiness) -> None:
    """Writes one line per point and anti-pattern, and below it the remedy."""
    total = len(readiness.points)
    style = "green" if readiness.ready else "yellow"
    summary = Styled(f"{readiness.met} of {total} points met", style)
    console.write_line(Styled(readiness.product, "bold"), f"  {readiness.domain}, {readiness.status}  ", summary)
    _draw_points(console, readiness.points)
    console.write_heading("Anti-patterns")
    _draw_points(console, readiness.anti_patterns)


def _draw_points(console: Console, points: tuple[Point, ...]) -> None:
    for point in points:
        console.write_line(MARKS[point.verdict], f" {point.title}: ", Styled(point.measured, "dim"))
        if point.mend:
            console.write_line(Styled(f"→ {point.mend}", "cyan"), indent=4)


def draw_domains(console: Console, domains: list[DomainReadiness]) -> None:
    """Writes one line per domain; the points that most products miss come first."""
    rows = [
        (Styled(domain.domain, "bold"), domain.products, domain.ready, domain.score, _format_missing(domain.missing))
        for domain in domains
    ]
    console.write_table(("domain", "products", "ready", "score", "missing"), rows)


def _format_missing(counted: dict[str, int]) -> str:
    return ", ".join(f"{key} {count}" for key, count in counted.items())
