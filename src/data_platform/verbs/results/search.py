"""What a search finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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


class SearchResult(list[ProductHit]):
    """The page of hits, best first; `total` is how many there are in all.

    `facets` counts them by domain, tag, owner, status and type, where that was requested.
    """

    def __init__(
        self, hits: Iterable[ProductHit] = (), total: int = 0, facets: Mapping[str, Mapping[str, int]] | None = None
    ) -> None:
        super().__init__(hits)
        self.total = total
        self.facets = facets or {}
