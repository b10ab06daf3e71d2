"""Prometheus metrics of open incidents and of the clock, for a scraper with a token."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import HTTPConnection

from data_platform.errors import AccessDenied, NotAuthenticated
from data_platform.record.operations import clock
from data_platform.server.callers import identify_caller
from data_platform.server.parts import ServerParts
from data_platform.verbs.core.authorization.authorize import find_hiding_products
from data_platform.verbs.core.context import SERVER_DOOR, Caller, Context
from data_platform.verbs.dispatch import dispatch
from data_platform.verbs.incidents.incidents import ListIncidents
from data_platform.verbs.results import IncidentInfo


class IncidentCollector(Collector):
    """How many incidents of each product are open, by severity, and when maintenance last ran."""

    def __init__(self, incidents: Sequence[IncidentInfo], ran_at: datetime | None) -> None:
        self._open = Counter((incident.product, incident.severity or "low") for incident in incidents)
        self._ran_at = ran_at

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The families of metrics."""
        labels = ["product", "severity"]
        family = GaugeMetricFamily("data_platform_open_incidents", "Incidents that are open.", labels=labels)
        for (product, severity), count in sorted(self._open.items()):
            family.add_metric([product, severity], count)
        yield family
        if self._ran_at is not None:
            name, what = "data_platform_clock_last_run_timestamp_seconds", "When periodic maintenance last ran."
            yield GaugeMetricFamily(name, what, value=self._ran_at.timestamp())


def render_incidents(parts: ServerParts, http: HTTPConnection) -> bytes:
    """The figures as Prometheus reads them, of the products that the caller finds; nothing for one without a token.

    Products that hide themselves are left out: who looks at a dashboard is not who scraped.
    """
    with suppress(NotAuthenticated, AccessDenied):
        context = Context(parts.mesh, Caller(identify_caller(parts, http), SERVER_DOOR))
        incidents = dispatch(context, ListIncidents(open_only=True))
        with parts.mesh.record.reading() as conn:
            ran_at, hiding = clock.find_state(conn).ran_at, find_hiding_products(conn)
        registry = CollectorRegistry()
        listed = [incident for incident in incidents if incident.product not in hiding]
        registry.register(IncidentCollector(listed, ran_at))
        return generate_latest(registry)
    return b""
