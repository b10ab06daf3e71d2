"""Prometheus metrics of requests, over all processes of a server."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from data_platform.server.health.metrics_folder import VARIABLE
from data_platform.server.request_log import RequestFacts

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """The figures of one app, by verb; requests without one count as `none`."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "data_platform_requests", "Requests that were answered.", ["verb", "status"], registry=registry
        )
        self._seconds = Histogram(
            "data_platform_request_seconds",
            "The time from a request to the end of its answer.",
            ["verb"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._bytes = Counter("data_platform_body_bytes", "Bytes of bodies.", ["verb", "direction"], registry=registry)
        self._running = Gauge(
            "data_platform_requests_running",
            "Requests that are being answered.",
            registry=registry,
            multiprocess_mode="livesum",
        )

    def begin(self) -> None:
        """Counts a request that came."""
        self._running.inc()

    def end(self, facts: RequestFacts) -> None:
        """Counts a request that was answered."""
        verb = facts.verb or "none"
        self._running.dec()
        self._requests.labels(verb, str(facts.status)).inc()
        self._seconds.labels(verb).observe(facts.seconds)
        self._bytes.labels(verb, "in").inc(facts.bytes_in)
        self._bytes.labels(verb, "out").inc(facts.bytes_out)

    def render(self) -> bytes:
        """The figures as Prometheus reads them."""
        if VARIABLE not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
