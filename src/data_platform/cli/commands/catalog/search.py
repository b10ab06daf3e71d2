"""search: finds products."""

from __future__ import annotations

from collections.abc import Iterator

import click

from data_platform.cli.console.console import Styled, stderr_console, stdout_console
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import format_count
from data_platform.cli.options import json_option
from data_platform.cli.session import open_platform
from data_platform.cli.views.search import draw_facets, draw_hits
from data_platform.platform import Platform
from data_platform.search.freshness import FRESHNESS_STATES, FreshnessState
from data_platform.search.question import SORT_ORDERS, SortOrder
from data_platform.spec.product.model import ProductStatus
from data_platform.spec.text.names import find_nearest
from data_platform.verbs.results import SearchResult

PAGE = 10


@click.command()
@click.argument("text", nargs=-1)
@click.option("--domain", help="Find only products of this domain.")
@click.option(
    "--min-quality", type=click.FloatRange(0, 100), help="Find only products with at least this score (0–100)."
)
@click.option("--tag", help="Find only products with this tag.")
@click.option("--owner", help="Find only products of this owner.")
@click.option(
    "--status", type=click.Choice([status.value for status in ProductStatus]), help="Find only products in this status."
)
@click.option("--pii/--no-pii", default=None, help="Find only products with, or without, personal data.")
@click.option("--type", type=click.Choice(["table", "stream"]), help="Find only products with such an output.")
@click.option("--column", help="Find only products with this column.")
@click.option(
    "--freshness",
    type=click.Choice(FRESHNESS_STATES),
    help="Find only products whose data is, now, as new as promised (on_time) or not (late), cannot be measured "
    "(unknown), or has no promise (not_promised).",
)
@click.option(
    "--sort", type=click.Choice(SORT_ORDERS), default="best", help="List the best match first, or the last publish."
)
@click.option("--facets", is_flag=True, help="Also count the hits by domain, tag, owner, status, type and freshness.")
@click.option(
    "--limit", type=click.IntRange(min=0), help=f"The maximum number of hits (default: {PAGE}; with --json, all)."
)
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Skip this number of hits.")
@json_option
def search(
    text: tuple[str, ...],
    domain: str | None,
    min_quality: float | None,
    tag: str | None,
    owner: str | None,
    status: str | None,
    pii: bool | None,
    type: str | None,
    column: str | None,
    freshness: FreshnessState | None,
    sort: SortOrder,
    facets: bool,
    limit: int | None,
    offset: int,
    as_json: bool,
) -> None:
    """Search products by words and filters.

    A product matches if its name, description, tags, domain, owner, output names or column names contain every word
    of TEXT, in any script. Without TEXT, all products match. Exact words are listed first, then prefixes, then words
    with a typo; equal matches are ordered by reads, then by quality.

    \b
    Examples:
      data-platform search "customer orders" --domain commerce --min-quality 90
      data-platform search --column customer_id --pii --facets
      data-platform search --freshness late --sort newest
    """
    with open_platform() as mesh:
        result = mesh.search(
            " ".join(text),
            domain,
            min_quality,
            tag,
            owner=owner,
            status=status,
            pii=pii,
            type=type,
            column=column,
            freshness=freshness,
            sort=sort,
            facets=facets,
            limit=PAGE if limit is None and not as_json else limit,
            offset=offset,
        )
        warnings = [] if result.total else list(_find_unknown_filters(mesh, domain=domain, tag=tag, owner=owner))
    for warning in warnings:
        stderr_console().write_line(warning)
    if as_json:
        print_json({"total": result.total, "hits": list(result), "facets": result.facets} if facets else list(result))
        return
    if result:
        draw_hits(stdout_console(), result)
    if facets and result.total:
        draw_facets(stdout_console(), result.facets)
    _report_remaining(result, offset)


def _find_unknown_filters(mesh: Platform, **wanted: str | None) -> Iterator[str]:
    """Yields a message for each filter value that no product has, with the nearest existing value."""
    asked = {name: value for name, value in wanted.items() if value is not None}
    facets = mesh.search(facets=True, limit=0).facets if asked else {}
    for name, value in asked.items():
        if facets.get(name) and value not in facets[name]:
            near = find_nearest(value, facets[name])
            yield f"no product has the {name} {value}" + (f": did you mean {near}?" if near else "")


def _report_remaining(result: SearchResult, offset: int) -> None:
    end = offset + len(result)
    if not result.total:
        stderr_console().write_line("nothing found")
    elif not result:
        beyond = f", none of them after the first {offset:,}" if offset else ""
        stderr_console().write_line(f"{format_count(result.total, 'product')} found{beyond}")
    elif len(result) < result.total:
        more = [Styled(f"  (--offset {end} shows more)", "dim")] if end < result.total else []
        stderr_console().write_line(f"{offset + 1:,} to {end:,} of {format_count(result.total, 'product')}", *more)
