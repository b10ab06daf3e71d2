"""search: finding products."""

from __future__ import annotations

from collections.abc import Iterator

import click

from data_platform.cli.console.console import Styled, answer, notes
from data_platform.cli.console.json import print_json
from data_platform.cli.console.text import amount
from data_platform.cli.options import json_option
from data_platform.cli.session import opened
from data_platform.cli.views.search import draw_facets, draw_hits
from data_platform.platform import Platform
from data_platform.spec.product.model import Status
from data_platform.spec.text.names import nearest
from data_platform.verbs.results import SearchResult

PAGE = 10


@click.command()
@click.argument("text", nargs=-1)
@click.option("--domain", help="Only products of this domain.")
@click.option("--min-quality", type=click.FloatRange(0, 100), help="Only products with at least this score (0–100).")
@click.option("--tag", help="Only products with this tag.")
@click.option("--owner", help="Only products of this owner.")
@click.option("--status", type=click.Choice([status.value for status in Status]), help="Only products in this status.")
@click.option("--pii/--no-pii", default=None, help="Only products with, or without, personal data.")
@click.option("--type", type=click.Choice(["table", "stream"]), help="Only products with such an output.")
@click.option("--column", help="Only products with a column of this name.")
@click.option("--facets", is_flag=True, help="Count the hits by domain, tag, owner, status and type too.")
@click.option("--limit", type=click.IntRange(min=0), help=f"At most so many hits (default: {PAGE}; with --json, all).")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Leave out so many of the first hits.")
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
    facets: bool,
    limit: int | None,
    offset: int,
    as_json: bool,
) -> None:
    """Find products by words, in any script, and by filters.

    A product is found when it has every word of TEXT in its name, description or tags, in its domain or owner, or in
    the names of its outputs and columns; without TEXT all are found. Whole words come first, then beginnings of words,
    then words with a typo; among equals the most read product, then the one of the best quality.

    \b
    Examples:
      data-platform search "customer orders" --domain commerce --min-quality 90
      data-platform search --column customer_id --pii --facets
    """
    with opened() as mesh:
        found = mesh.search(
            " ".join(text),
            domain,
            min_quality,
            tag,
            owner=owner,
            status=status,
            pii=pii,
            type=type,
            column=column,
            facets=facets,
            limit=PAGE if limit is None and not as_json else limit,
            offset=offset,
        )
        doubts = [] if found.total else list(_unknown(mesh, domain=domain, tag=tag, owner=owner))
    for doubt in doubts:
        notes().line(doubt)
    if as_json:
        print_json({"total": found.total, "hits": list(found), "facets": found.facets} if facets else list(found))
        return
    if found:
        draw_hits(answer(), found)
    if facets and found.total:
        draw_facets(answer(), found.facets)
    _tell_the_rest(found, offset)


def _unknown(mesh: Platform, **wanted: str | None) -> Iterator[str]:
    """What was asked for and no product has, with the nearest that one has."""
    asked = {name: value for name, value in wanted.items() if value is not None}
    known = mesh.search(facets=True, limit=0).facets if asked else {}
    for name, value in asked.items():
        if known.get(name) and value not in known[name]:
            near = nearest(value, known[name])
            yield f"no product has the {name} {value}" + (f": did you mean {near}?" if near else "")


def _tell_the_rest(found: SearchResult, offset: int) -> None:
    end = offset + len(found)
    if not found.total:
        notes().line("nothing found")
    elif not found:
        beyond = f", none of them after the first {offset:,}" if offset else ""
        notes().line(f"{amount(found.total, 'product')} found{beyond}")
    elif len(found) < found.total:
        more = [Styled(f"  (--offset {end} shows more)", "dim")] if end < found.total else []
        notes().line(f"{offset + 1:,} to {end:,} of {amount(found.total, 'product')}", *more)
