"""What a search finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data_platform.search.document import OutputEntry
    from data_platform.search.question import Highlight
    from data_platform.verbs.results.catalog import UsageStats


@dataclass(frozen=True, slots=True)
class ProductHit:
    """A product found: what its card shows. Columns' types, rules, promises and lineage are in `show`.

    `outputs` have name, type and the names of columns. `match` is exact, prefix, elsewhere or fuzzy, None where no
    words were asked for; `highlights` are the texts that have the words, with the places where.

    `freshness` is on_time, late, unknown (promised, but nothing that can be measured is published) or not_promised, as
    of the question: data is late after `stale_at`. `verdict` is good, caution, bad or unknown, and `reason` why:
    incident, broken_promise, archived, low_score, deprecated, unpublished or unjudged.
    """

    name: str
    domain: str
    owner: str
    description: str | None
    tags: tuple[str, ...]
    status: str
    version: str
    outputs: tuple[OutputEntry, ...]
    quality_score: float | None
    usage_stats: UsageStats
    pii: bool
    match: str | None
    highlights: tuple[Highlight, ...]
    published_at: datetime | None = None
    freshness: str = "unknown"
    stale_at: datetime | None = None
    verdict: str = "unknown"
    reason: str | None = None


class SearchResult(list[ProductHit]):
    """The page of hits in the order that was requested; `total` is how many there are in all.

    `facets` counts them by domain, tag, owner, status, type and freshness, where that was requested.
    """

    def __init__(
        self, hits: Iterable[ProductHit] = (), total: int = 0, facets: Mapping[str, Mapping[str, int]] | None = None
    ) -> None:
        super().__init__(hits)
        self.total = total
        self.facets = facets or {}
