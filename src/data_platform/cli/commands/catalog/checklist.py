"""checklist: how ready a product is, and the mesh by domain."""

from __future__ import annotations

import click

from data_platform.cli.console.console import Paper, Styled, answer, notes
from data_platform.cli.console.json import print_json
from data_platform.cli.options import json_option, product_argument
from data_platform.cli.session import opened
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
@click.option("--mesh", "whole", is_flag=True, help="The whole mesh, as a score by domain.")
@click.option("--strict", is_flag=True, help="End with 1 when not everything holds.")
@json_option
def checklist(product: str | None, whole: bool, strict: bool, as_json: bool) -> None:
    """Measure how ready a product is, and say what mends it.

    The points are those of the production checklist.

    Marks are ✓ met, ✗ not met, ? cannot be told yet, which counts as not met.

    \b
    Example:
      data-platform checklist orders-data-product
      data-platform checklist --mesh
    """
    if (product is None) is not whole:
        raise click.UsageError("name a PRODUCT, or give --mesh")
    with opened() as mesh:
        ready = _mesh(mesh, as_json) if product is None else _product(mesh, product, as_json)
    if strict and not ready:
        click.get_current_context().exit(1)


def _product(mesh: Platform, product: str, as_json: bool) -> bool:
    found = mesh.checklist(product)
    if as_json:
        print_json(found)
    else:
        draw_readiness(answer(), found)
    return found.ready


def _mesh(mesh: Platform, as_json: bool) -> bool:
    found = mesh.readiness()
    if as_json:
        print_json(found)
    elif found:
        draw_domains(answer(), found)
    else:
        notes().line("no product is in use")
    return all(each.ready == each.products for each in found)


def draw_readiness(paper: Paper, found: Readiness) -> None:
    """The points, then the anti-patterns: a line each, and below it what mends it."""
    total = len(found.points)
    style = "green" if found.ready else "yellow"
    told = Styled(f"{found.met} of {total} points hold", style)
    paper.line(Styled(found.product, "bold"), f"  {found.domain}, {found.status}  ", told)
    _points(paper, found.points)
    paper.heading("Anti-patterns")
    _points(paper, found.anti_patterns)


def _points(paper: Paper, found: tuple[Point, ...]) -> None:
    for point in found:
        paper.line(MARKS[point.verdict], f" {point.title}: ", Styled(point.measured, "dim"))
        if point.mend:
            paper.line(Styled(f"→ {point.mend}", "cyan"), indent=4)


def draw_domains(paper: Paper, found: list[DomainReadiness]) -> None:
    """A line a domain; what most of its products miss comes first."""
    rows = [
        (Styled(each.domain, "bold"), each.products, each.ready, each.score, _missing(each.missing)) for each in found
    ]
    paper.table(("domain", "products", "ready", "score", "missing"), rows)


def _missing(counted: dict[str, int]) -> str:
    return ", ".join(f"{key} {count}" for key, count in counted.items())
