"""Shows what the products of a domain are like: a line for each."""

from __future__ import annotations

from collections.abc import Iterable

from data_platform.cli.console.console import Console, Styled
from data_platform.cli.console.text import format_count, format_minute
from data_platform.quality.trust import Trust
from data_platform.verbs.results import DomainProduct, DomainStatus, SlaCompliance

_STYLES = {Trust.GOOD: "green", Trust.CAUTION: "yellow", Trust.BAD: "bold red", Trust.UNKNOWN: "dim"}


def draw_domain(console: Console, status: DomainStatus) -> None:
    """Writes the domain in two lines, and its products in a table."""
    readiness, domain = status.readiness, status.domain
    console.write_line(Styled(domain.name, "bold"), f"  {domain.owner or 'no owner'}")
    ready = f"{readiness.ready} of {readiness.products} products are ready for production"
    console.write_line(f"{ready}; {format_count(status.readers, 'reader')}")
    if status.products:
        header = ("product", "data", "score", "published", "compliance", "budget", "incidents", "missed", "readers")
        console.write_table(header, list(map(_list_cells, status.products)))


def _list_cells(product: DomainProduct) -> tuple[object, ...]:
    return (
        Styled(product.name, "bold"),
        Styled(product.verdict.value, _STYLES[product.verdict]),
        "–" if product.score is None else f"{product.score:g}",
        "–" if product.published_at is None else format_minute(product.published_at),
        _format_least(promise.compliance for promise in product.promises),
        _format_least(map(find_budget_share, product.promises)),
        len(product.severities),
        len(product.missed),
        product.readers,
    )


def find_budget_share(promise: SlaCompliance) -> float | None:
    """The part of the error budget that is left, in percent, at least 0; None where nothing was measured."""
    return None if promise.budget is None else promise.budget.share_left


def _format_least(percentages: Iterable[float | None]) -> str:
    measured = [percentage for percentage in percentages if percentage is not None]
    return f"{min(measured):.1f}%" if measured else "–"
