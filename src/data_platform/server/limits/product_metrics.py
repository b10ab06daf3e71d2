"""Prometheus metrics of products: verdicts, promises and error budgets, for a scraper with a token.

The figures are those of the pages of domains, from the same verb.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import HTTPConnection

from data_platform.errors import AccessDenied, NotAuthenticated
from data_platform.server.callers import identify_caller
from data_platform.server.parts import ServerParts
from data_platform.verbs.catalog.domain_status import ShowDomain
from data_platform.verbs.core.authorization.authorize import find_hiding_products
from data_platform.verbs.core.context import SERVER_DOOR, Caller, Context
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.lifecycle.domains import ListDomains
from data_platform.verbs.results import DomainStatus, SlaCompliance

_PRODUCT = ("domain", "product")
_PROMISE = (*_PRODUCT, "output", "promise")


class ProductCollector(Collector):
    """A verdict for each product; three figures for each promise of an output, and the age of its data."""

    def __init__(self, domains: Sequence[DomainStatus], hiding: Collection[str]) -> None:
        self._domains, self._hiding = domains, hiding
        self._verdicts = _make_family("product_verdict", "1 for the verdict on a product.", *_PRODUCT, "verdict")
        self._kept = _make_family("promise_kept", "Whether a promise is kept now: 1 or 0.", *_PROMISE)
        what = "The part of the last 30 days, or of their reads, that kept a promise: 0 to 1."
        self._compliance = _make_family("sla_compliance_ratio", what, *_PROMISE)
        what = "What is left of the error budget of a promise over 30 days: 0 to 1."
        self._budgets = _make_family("error_budget_left_ratio", what, *_PROMISE)
        what = "The newest moment of the data of an output that promises freshness."
        self._newest = _make_family("newest_data_timestamp_seconds", what, *_PRODUCT, "output")

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families of metrics."""
        for status in self._domains:
            for product in status.products:
                if product.name in self._hiding:
                    continue
                place = [status.domain.name, product.name]
                self._verdicts.add_metric([*place, product.verdict.value], 1)
                for promise in product.promises:
                    self._add_promise(place, promise)
        yield from (self._verdicts, self._kept, self._compliance, self._budgets, self._newest)

    def _add_promise(self, place: Sequence[str], promise: SlaCompliance) -> None:
        """What was not measured yet has no sample."""
        labels = [*place, promise.output, promise.promise]
        if promise.met is not None:
            self._kept.add_metric(labels, promise.met)
        if promise.compliance is not None:
            self._compliance.add_metric(labels, promise.compliance / 100)
        if promise.budget is not None:
            self._budgets.add_metric(labels, promise.budget.share_left / 100)
        if promise.newest_at is not None:
            self._newest.add_metric([*place, promise.output], promise.newest_at.timestamp())


def _make_family(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"data_platform_{name}", what, labels=labels)


def render_products(parts: ServerParts, http: HTTPConnection) -> bytes:
    """The figures as Prometheus reads them, of the products that the caller finds; nothing for one without a token.

    Products that hide themselves are left out: who looks at a dashboard is not who scraped.
    """
    with suppress(NotAuthenticated, AccessDenied):
        context = Context(parts.mesh, Caller(identify_caller(parts, http), SERVER_DOOR))
        domains = [dispatch(context, ShowDomain(domain.name)) for domain in dispatch(context, ListDomains())]
        with parts.mesh.record.reading() as conn:
            hiding = find_hiding_products(conn)
        registry = CollectorRegistry(auto_describe=False)
        registry.register(ProductCollector(domains, hiding))
        return generate_latest(registry)
    return b""
