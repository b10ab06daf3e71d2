"""What the products of a domain are like now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data_platform.quality.trust import Trust
    from data_platform.verbs.results.checklist import DomainReadiness
    from data_platform.verbs.results.operating import DomainInfo
    from data_platform.verbs.results.quality import SlaCompliance, TrendPoint


@dataclass(frozen=True, slots=True)
class DomainProduct:
    """One product: the verdict on its data, and the figures that its own page has too.

    `published_at` is that of its youngest version, and `score` (0–100) the mean of its newest versions. `promises` are
    measured over the window of the domain. `severities` are those of its open incidents, the gravest first. `missed`
    are the keys of the points of the checklist that it misses. `reads` and `readers` count from the beginning.
    """

    name: str
    owner: str
    status: str
    verdict: Trust
    score: float | None
    published_at: datetime | None
    promises: tuple[SlaCompliance, ...]
    severities: tuple[str, ...]
    missed: tuple[str, ...]
    reads: int
    readers: int
    last_read: datetime | None


@dataclass(frozen=True, slots=True)
class DomainStatus:
    """A domain and its open products by name, over `window_days` days, today among them, from `first_day` on.

    `trend` is the mean score of each day's publishes. `readers` counts who read any of its products, once each.
    Products that are retired or archived are left out.
    """

    domain: DomainInfo
    readiness: DomainReadiness
    products: tuple[DomainProduct, ...]
    trend: tuple[TrendPoint, ...]
    readers: int
    window_days: int
    first_day: date
