"""Domains: who answers for each, and what its products are like now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from data_platform.quality.trust import Trust
from data_platform.server.portal.drawing.trend import draw_trend
from data_platform.server.portal.pages.search import read_page
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.verbs.catalog.domain_status import ShowDomain
from data_platform.verbs.lifecycle.domains import ListDomains
from data_platform.verbs.quality.readiness import ListReadiness
from data_platform.verbs.results import DomainProduct

PAGE = 50
_GRAVITY = (Trust.BAD, Trust.CAUTION, Trust.UNKNOWN, Trust.GOOD)


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product in its domain's table, with its least compliance and least budget in percent."""

    product: DomainProduct
    compliance: float | None
    budget: float | None

    @classmethod
    def of(cls, product: DomainProduct) -> ProductLine:
        """The line of a product; its promises are represented by the one that is kept worst."""
        promises = product.promises
        return cls(
            product,
            _find_least(promise.compliance for promise in promises),
            _find_least(promise.budget.share_left if promise.budget else None for promise in promises),
        )


def show_domains(visit: Visit) -> PageContent:
    """The page at `/domains`."""
    readiness = {row.domain: row for row in visit.ask(ListReadiness())}
    domains = visit.ask(ListDomains())
    return PageContent(
        "domains.html", {"domains": domains, "readiness": readiness, "page": read_page(visit), "size": PAGE}
    )


def show_domain(visit: Visit) -> PageContent:
    """The page at `/domains/NAME`: its products, those that need care first; with `missed`, those that miss a point."""
    status = visit.ask(ShowDomain(visit.names["domain"]))
    order = {verdict: at for at, verdict in enumerate(_GRAVITY)}
    missed = visit.query["missed"] if visit.query["missed"] in status.readiness.missing else None
    chosen = (product for product in status.products if missed is None or missed in product.missed)
    listed = sorted(chosen, key=lambda product: order[product.verdict])
    page = read_page(visit)
    return PageContent(
        "domain.html",
        {
            "status": status,
            "verdicts": _count_verdicts(status.products),
            "incidents": sum(len(product.severities) for product in status.products),
            "reads": sum(product.reads for product in status.products),
            "lines": list(map(ProductLine.of, listed[(page - 1) * PAGE : page * PAGE])),
            "trend": draw_trend(status.trend, status.first_day, status.window_days, visit.texts),
            "missed": missed,
            "page": page,
            "size": PAGE,
            "total": len(listed),
        },
    )


def _count_verdicts(products: Iterable[DomainProduct]) -> list[tuple[Trust, int]]:
    """How many products have each verdict, the gravest first; verdicts that none has are left out."""
    counts = Counter(product.verdict for product in products)
    return [(verdict, counts[verdict]) for verdict in _GRAVITY if counts[verdict]]


def _find_least(values: Iterable[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)
