"""Prometheus metrics of the domains that have a quota, for a scraper with a token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import HTTPConnection

from data_platform.errors import AccessDenied, NotAuthenticated
from data_platform.server.callers import identify_caller
from data_platform.server.parts import ServerParts
from data_platform.verbs.core.context import SERVER_DOOR, Caller, Context
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.lifecycle.domains import ListDomains
from data_platform.verbs.results import DomainInfo

_PREFIX = "data_platform_domain"


class QuotaCollector(Collector):
    """What each domain with a quota uses, and the quota."""

    def __init__(self, domains: Sequence[DomainInfo]) -> None:
        self._domains = domains

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families of metrics."""
        stored = GaugeMetricFamily(f"{_PREFIX}_stored_bytes", "Bytes of all versions.", labels=["domain"])
        publishes = GaugeMetricFamily(f"{_PREFIX}_publishes_running", "Publishes that run now.", labels=["domain"])
        seconds = GaugeMetricFamily(f"{_PREFIX}_query_seconds", "Queries of the last hour.", labels=["domain"])
        quotas = GaugeMetricFamily(f"{_PREFIX}_quota", "What the domain may use.", labels=["domain", "quota"])
        for domain in self._domains:
            used = domain.usage
            if used is None:
                continue
            stored.add_metric([domain.name], used.stored)
            publishes.add_metric([domain.name], used.publishes)
            seconds.add_metric([domain.name], used.query_seconds)
            limits = {"stored": used.stored_quota, "publishes": used.publishes_quota}
            for name, most in {**limits, "query_seconds": used.query_seconds_quota}.items():
                if most is not None:
                    quotas.add_metric([domain.name, name], most)
        yield from (stored, publishes, seconds, quotas)


def render_quotas(parts: ServerParts, http: HTTPConnection) -> bytes:
    """The figures as Prometheus reads them; nothing for a caller without a token, or where no domain has a quota."""
    quotas = parts.mesh.settings.quotas
    if not quotas:
        return b""
    with suppress(NotAuthenticated, AccessDenied):
        context = Context(parts.mesh, Caller(identify_caller(parts, http), SERVER_DOOR))
        registry = CollectorRegistry()
        domains = [domain for domain in dispatch(context, ListDomains()) if domain.name in quotas]
        registry.register(QuotaCollector(domains))
        return generate_latest(registry)
    return b""
