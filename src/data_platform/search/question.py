"""The questions to the index, and its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal, get_args

from data_platform.search.document import SearchDocument
from data_platform.search.freshness import EPOCH, FreshnessState

FACETS = ("domain", "tag", "owner", "status", "type", "freshness")
"""What hits are counted by."""

SortOrder = Literal["best", "newest"]
"""Best match first, or the last publish first, however a hit matches."""

SORT_ORDERS: tuple[SortOrder, ...] = get_args(SortOrder)


@dataclass(frozen=True, slots=True)
class Filters:
    """What every hit must have; None filters nothing. Values are as written, but for `column`, whose case is free.

    `freshness` is judged at `now`. `among` are the names of the products that the caller finds: no count and no facet
    knows of any other.
    """

    domain: str | None = None
    owner: str | None = None
    status: str | None = None
    tag: str | None = None
    type: str | None = None
    column: str | None = None
    pii: bool | None = None
    min_quality: float | None = None
    freshness: FreshnessState | None = None
    now: datetime = EPOCH
    among: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Words that a hit must all have (none: everything is a hit), filters, and the page that is wanted.

    `limit` None is all from `offset` on; `facets` asks for counts.
    """

    text: str = ""
    filters: Filters = field(default_factory=Filters)
    limit: int | None = 10
    offset: int = 0
    facets: bool = False
    sort: SortOrder = "best"


class Match(Enum):
    """How a hit has the words; a better match always ranks above a worse one, before views and quality."""

    EXACT = "exact"
    """All words, as they are, in name, description or tags."""
    PREFIX = "prefix"
    """Some only as the beginning of a longer word."""
    ELSEWHERE = "elsewhere"
    """Some only in domain, owner, outputs, columns or terms; whole words before beginnings of words."""
    FUZZY = "fuzzy"
    """Some only but for a letter or two."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """Where in `text` the words were found: `spans` are code points, `text[start:end]`, in order and apart.

    `field` is name, description, tag, former (an earlier name), domain, owner, output, column or term; a long text is
    cut around its first span, with `…`. Text is not escaped: HTML output must escape the parts.
    """

    field: str
    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found, how, and where; `match` is None and nothing highlighted where no words were asked for."""

    document: SearchDocument
    match: Match | None = None
    highlights: tuple[Highlight, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits, in the order that was asked for, and how many there are in all.

    `facets` counts the hits by value, most frequent first; a filtered facet is counted as if it had no filter, so that
    it shows the other values.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
